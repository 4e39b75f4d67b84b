// How DWA decides what to do with a channel: by the last component of its name and its type, through a list of rules.
//
// A chunk of version 2 carries the rules it was written with; for older chunks a fixed, case-insensitive list applies.
// A rule as stored: the name component, a zero byte, a byte (colour index + 1) << 4 | scheme << 2 | case-insensitive,
// and a byte with the pixel type. (Facts from OpenEXR's ImfDwaCompressor.cpp.)

import { arenaAlloc } from '../memory';
import { channelType, channelXSampling, channelYSampling, TYPE_FLOAT, TYPE_UINT } from '../planes';
import { CORRUPT, OK, OUT_OF_MEMORY, OUTPUT_FULL, TRUNCATED, UNSUPPORTED } from '../status';

/** Schemes: deflate only; cosine transform, quantisation and Huffman; run-length coding of byte planes and deflate. */
export const SCHEME_UNKNOWN: i32 = 0;
export const SCHEME_LOSSY_DCT: i32 = 1;
export const SCHEME_RLE: i32 = 2;

/** What DWA does with one channel of a chunk. */
@unmanaged
export class DwaChannel {
  scheme: i32;
  /** 0 red, 1 green, 2 blue when the channel is coded together with two others, otherwise -1. */
  colour: i32;
  /** Name, without its zero byte. */
  name: usize;
  nameBytes: i32;
  /** Bytes of the name before its last dot, 0 when it has none; and where the part after that dot starts. */
  prefixBytes: i32;
  suffix: usize;
  suffixBytes: i32;
  /** Index of the channel's unit when the scheme is SCHEME_LOSSY_DCT. */
  unit: i32;
  /** First byte of the channel in its scheme's planar buffer otherwise. */
  offset: usize;
}

/** Channels that are transformed together: one, or red, green and blue. */
@unmanaged
export class DwaUnit {
  red: i32;
  /** -1 for a single channel. */
  green: i32;
  blue: i32;
  blocksX: i32;
  blocksY: i32;
  /** First symbol and number of symbols in the AC buffer (known once coded, or walked through). */
  acStart: u32;
  acCount: u32;
  /** First value in the DC buffer; there is one per block and channel. */
  dcStart: u32;
}

/** One parsed rule. */
@unmanaged
class Rule {
  suffix: usize;
  suffixBytes: i32;
  scheme: i32;
  colour: i32;
  type: u32;
  caseInsensitive: bool;
}

/** Channels of one prefix that some rule treats as red, green and blue. */
@unmanaged
class ColourSet {
  /** Any channel of the set: all share the prefix. */
  member: i32;
  red: i32;
  green: i32;
  blue: i32;
}

/**
 * The built-in lists: entries of 8 bytes, of which the first six are letters padded with zeros, then a bit mask of
 * pixel type ids, and the stored rule's byte. The reference has one rule per type, in this order.
 */
const ENTRY_BYTES: i32 = 8;
const CURRENT_RULES: usize = memory.data<u8>([
  82, 0, 0, 0, 0, 0, 6, 0x14, // R
  71, 0, 0, 0, 0, 0, 6, 0x24, // G
  66, 0, 0, 0, 0, 0, 6, 0x34, // B
  89, 0, 0, 0, 0, 0, 6, 0x04, // Y
  66, 89, 0, 0, 0, 0, 6, 0x04, // BY
  82, 89, 0, 0, 0, 0, 6, 0x04, // RY
  65, 0, 0, 0, 0, 0, 7, 0x08, // A
]);
const CURRENT_RULE_ENTRIES: i32 = 7;

const LEGACY_RULES: usize = memory.data<u8>([
  114, 0, 0, 0, 0, 0, 6, 0x15, // r
  114, 101, 100, 0, 0, 0, 6, 0x15, // red
  103, 0, 0, 0, 0, 0, 6, 0x25, // g
  103, 114, 110, 0, 0, 0, 6, 0x25, // grn
  103, 114, 101, 101, 110, 0, 6, 0x25, // green
  98, 0, 0, 0, 0, 0, 6, 0x35, // b
  98, 108, 117, 0, 0, 0, 6, 0x35, // blu
  98, 108, 117, 101, 0, 0, 6, 0x35, // blue
  121, 0, 0, 0, 0, 0, 6, 0x05, // y
  98, 121, 0, 0, 0, 0, 6, 0x05, // by
  114, 121, 0, 0, 0, 0, 6, 0x05, // ry
  97, 0, 0, 0, 0, 0, 7, 0x09, // a
]);
const LEGACY_RULE_ENTRIES: i32 = 12;

/** Rules in effect: parsed from a chunk, built in, or made for a chunk. */
@unmanaged
export class DwaRules {
  rules: usize;
  count: i32;
}

function ruleAt(rules: DwaRules, index: i32): Rule {
  return changetype<Rule>(rules.rules + <usize>index * offsetof<Rule>());
}

/** Allocates a record in the arena; 0 when there is no room. */
export function newRules(capacity: i32): DwaRules | null {
  const at = arenaAlloc(offsetof<DwaRules>() + <usize>capacity * offsetof<Rule>());
  if (at == 0) return null;
  const rules = changetype<DwaRules>(at);
  rules.rules = at + offsetof<DwaRules>();
  rules.count = 0;
  return rules;
}

/** The list that applies to chunks of version 0 and 1. */
export function legacyRules(): DwaRules | null {
  return builtIn(LEGACY_RULES, LEGACY_RULE_ENTRIES);
}

/** The list that new chunks are written with. */
export function currentRules(): DwaRules | null {
  return builtIn(CURRENT_RULES, CURRENT_RULE_ENTRIES);
}

function builtIn(entries: usize, count: i32): DwaRules | null {
  const rules = newRules(count * 3);
  if (rules === null) return null;
  for (let i = 0; i < count; ++i) {
    const entry = entries + <usize>(i * ENTRY_BYTES);
    const types = load<u8>(entry, 6);
    const flags = load<u8>(entry, 7);
    let letters = 0;
    while (load<u8>(entry + letters) != 0) ++letters;
    for (let type: u32 = TYPE_UINT; type <= TYPE_FLOAT; ++type) {
      if ((types >> <u8>type) & 1) addRule(rules, entry, letters, flags, type);
    }
  }
  return rules;
}

/** Appends a rule; the caller has made sure that there is room. */
function addRule(rules: DwaRules, suffix: usize, suffixBytes: i32, flags: u32, type: u32): void {
  const rule = ruleAt(rules, rules.count++);
  rule.suffix = suffix;
  rule.suffixBytes = suffixBytes;
  rule.scheme = (flags >> 2) & 3;
  rule.colour = <i32>(flags >> 4) - 1;
  rule.caseInsensitive = (flags & 1) != 0;
  rule.type = type;
}

/** Smallest stored rule: an empty name's zero byte and two more. */
const MIN_STORED_RULE: i32 = 3;

/**
 * Parses the stored rules of `bytes` bytes at `from` (after their u16 size).
 * Returns OK, or CORRUPT, TRUNCATED, OUT_OF_MEMORY. `into` has room for `bytes / 3` rules.
 */
export function parseRules(from: usize, bytes: i32, into: DwaRules): i32 {
  let left = bytes;
  while (left > 0) {
    let letters = 0;
    while (letters < left && load<u8>(from + letters) != 0) ++letters;
    if (letters + MIN_STORED_RULE > left) return TRUNCATED;
    const flags = <u32>load<u8>(from + letters, 1);
    const type = <u32>load<u8>(from + letters, 2);
    if (type > TYPE_FLOAT || flags >> 4 > 3 || ((flags >> 2) & 3) > <u32>SCHEME_RLE) return CORRUPT;
    addRule(into, from, letters, flags, type);
    from += letters + MIN_STORED_RULE;
    left -= letters + MIN_STORED_RULE;
  }
  return OK;
}

/** Most rules `bytes` stored bytes can hold. */
export function maxRules(bytes: i32): i32 {
  return bytes / MIN_STORED_RULE;
}

/**
 * Stores those of the rules that apply to at least one channel. Returns the bytes written, or OUTPUT_FULL when there
 * are more than `capacity` (the size field is 16 bits wide).
 */
export function storeRules(rules: DwaRules, table: usize, list: usize, channels: i32, to: usize, capacity: i32): i32 {
  let written = 0;
  for (let i = 0; i < rules.count; ++i) {
    const rule = ruleAt(rules, i);
    // Channels that no rule matches are deflated anyway.
    if (rule.scheme == SCHEME_UNKNOWN && rule.colour < 0) continue;
    let applies = false;
    for (let c = 0; c < channels && !applies; ++c) applies = matches(rule, channelAt(list, c), channelType(table, c));
    if (!applies) continue;
    if (written + rule.suffixBytes + MIN_STORED_RULE > capacity) return OUTPUT_FULL;
    memory.copy(to + written, rule.suffix, rule.suffixBytes);
    written += rule.suffixBytes;
    store<u8>(to + written, 0);
    store<u8>(to + written, ((rule.colour + 1) << 4) | (rule.scheme << 2) | (rule.caseInsensitive ? 1 : 0), 1);
    store<u8>(to + written, rule.type, 2);
    written += MIN_STORED_RULE;
  }
  return written;
}

export function channelAt(list: usize, index: i32): DwaChannel {
  return changetype<DwaChannel>(list + <usize>index * offsetof<DwaChannel>());
}

export function unitAt(list: usize, index: i32): DwaUnit {
  return changetype<DwaUnit>(list + <usize>index * offsetof<DwaUnit>());
}

/**
 * Fills in the names of `channels` channels from zero-terminated strings, `bytes` in all.
 * Returns false when there are fewer strings.
 */
export function readNames(names: usize, bytes: i32, list: usize, channels: i32): bool {
  let at = 0;
  for (let c = 0; c < channels; ++c) {
    const start = at;
    let dot = -1;
    while (at < bytes && load<u8>(names + at) != 0) {
      if (load<u8>(names + at) == 46) dot = at;
      ++at;
    }
    if (at >= bytes) return false;
    const channel = channelAt(list, c);
    channel.name = names + start;
    channel.nameBytes = at - start;
    channel.prefixBytes = dot < 0 ? 0 : dot - start;
    channel.suffix = names + (dot < 0 ? start : dot + 1);
    channel.suffixBytes = at - (dot < 0 ? start : dot + 1);
    ++at;
  }
  return true;
}

/** Only the channel's letters are folded to lower case: capitals in a stored rule then never match, as in the reference. */
function matches(rule: Rule, channel: DwaChannel, type: u32): bool {
  if (rule.type != type || rule.suffixBytes != channel.suffixBytes) return false;
  for (let i = 0; i < rule.suffixBytes; ++i) {
    let letter = <i32>load<u8>(channel.suffix + i);
    if (rule.caseInsensitive && letter >= 65 && letter <= 90) letter += 32;
    if (letter != <i32>load<u8>(rule.suffix + i)) return false;
  }
  return true;
}

/**
 * Gives every channel its scheme, and finds the red, green and blue channels that are coded together: those of one
 * prefix with the same sampling. `units` has room for one unit per channel. The units come in the order in which
 * their coefficients are stored: colour sets by prefix, then single channels in file order.
 * Returns the number of units, CORRUPT (rules that no writer makes), or OUT_OF_MEMORY.
 */
export function classify(rules: DwaRules, table: usize, list: usize, channels: i32, units: usize): i32 {
  const sets = arenaAlloc(<usize>channels * offsetof<ColourSet>());
  if (sets == 0) return OUT_OF_MEMORY;
  let setCount = 0;
  for (let c = 0; c < channels; ++c) {
    const channel = channelAt(list, c);
    channel.scheme = SCHEME_UNKNOWN;
    channel.colour = -1;
    // As in the reference, a later rule overrides an earlier one, and a later channel an earlier one of its colour.
    for (let i = 0; i < rules.count; ++i) {
      const rule = ruleAt(rules, i);
      if (!matches(rule, channel, channelType(table, c))) continue;
      channel.scheme = rule.scheme;
      if (rule.colour < 0) continue;
      if (channel.colour >= 0 && channel.colour != rule.colour) return CORRUPT;
      channel.colour = rule.colour;
    }
    if (channel.scheme == SCHEME_LOSSY_DCT && channelType(table, c) == TYPE_UINT) return CORRUPT;
    if (channel.colour >= 0) setCount = joinSet(sets, setCount, list, c);
  }
  let unitCount = 0;
  for (let c = 0; c < channels; ++c) channelAt(list, c).colour = -1;
  for (let i = 0; i < setCount; ++i) {
    const set = setAt(sets, i);
    if (set.red < 0 || set.green < 0 || set.blue < 0) continue;
    if (!sameSampling(table, set.red, set.green) || !sameSampling(table, set.red, set.blue)) continue;
    if (!isLossy(list, set.red) || !isLossy(list, set.green) || !isLossy(list, set.blue)) return CORRUPT;
    channelAt(list, set.red).colour = 0;
    channelAt(list, set.green).colour = 1;
    channelAt(list, set.blue).colour = 2;
    channelAt(list, set.red).unit = unitCount;
    channelAt(list, set.green).unit = unitCount;
    channelAt(list, set.blue).unit = unitCount;
    const unit = unitAt(units, unitCount++);
    unit.red = set.red;
    unit.green = set.green;
    unit.blue = set.blue;
  }
  for (let c = 0; c < channels; ++c) {
    if (!isLossy(list, c) || channelAt(list, c).colour >= 0) continue;
    channelAt(list, c).unit = unitCount;
    const unit = unitAt(units, unitCount++);
    unit.red = c;
    unit.green = -1;
    unit.blue = -1;
  }
  return unitCount;
}

function isLossy(list: usize, c: i32): bool {
  return channelAt(list, c).scheme == SCHEME_LOSSY_DCT;
}

function sameSampling(table: usize, a: i32, b: i32): bool {
  if (channelXSampling(table, a) != channelXSampling(table, b)) return false;
  return channelYSampling(table, a) == channelYSampling(table, b);
}

function setAt(sets: usize, index: i32): ColourSet {
  return changetype<ColourSet>(sets + <usize>index * offsetof<ColourSet>());
}

/** Enters a channel into the set of its prefix; the sets are kept in order of their prefixes. Returns their number. */
function joinSet(sets: usize, count: i32, list: usize, c: i32): i32 {
  const channel = channelAt(list, c);
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comparePrefixes(channelAt(list, setAt(sets, middle).member), channel) < 0) low = middle + 1;
    else high = middle;
  }
  if (low == count || comparePrefixes(channelAt(list, setAt(sets, low).member), channel) != 0) {
    const size = offsetof<ColourSet>();
    const at = sets + <usize>low * size;
    memory.copy(at + size, at, <usize>(count - low) * size);
    const set = setAt(sets, low);
    set.member = c;
    set.red = -1;
    set.green = -1;
    set.blue = -1;
    ++count;
  }
  const set = setAt(sets, low);
  if (channel.colour == 0) set.red = c;
  else if (channel.colour == 1) set.green = c;
  else set.blue = c;
  return count;
}

function comparePrefixes(a: DwaChannel, b: DwaChannel): i32 {
  const common = min(a.prefixBytes, b.prefixBytes);
  for (let i = 0; i < common; ++i) {
    const difference = <i32>load<u8>(a.name + i) - <i32>load<u8>(b.name + i);
    if (difference != 0) return difference;
  }
  return a.prefixBytes - b.prefixBytes;
}

/**
 * Makes rules that give every channel the scheme and colour already entered in `list`, whatever its name:
 * one rule per name component and type. A single channel may have to share the rule of another layer's red, green or
 * blue; whether it then stays single depends on its own layer, so the caller classifies again to find out.
 * Returns OK; UNSUPPORTED when two channels of the same component and type need different rules. `into` has room for
 * one rule per channel.
 */
export function makeRules(table: usize, list: usize, channels: i32, into: DwaRules): i32 {
  for (let c = 0; c < channels; ++c) {
    const channel = channelAt(list, c);
    const type = channelType(table, c);
    const flags = (<u32>(channel.colour + 1) << 4) | (<u32>channel.scheme << 2);
    let known = false;
    for (let i = 0; i < into.count && !known; ++i) {
      const rule = ruleAt(into, i);
      if (!matches(rule, channel, type)) continue;
      if (rule.scheme != channel.scheme) return UNSUPPORTED;
      if (rule.colour >= 0 && channel.colour >= 0 && rule.colour != channel.colour) return UNSUPPORTED;
      rule.colour = max(rule.colour, channel.colour);
      known = true;
    }
    if (!known) addRule(into, channel.suffix, channel.suffixBytes, flags, type);
  }
  return OK;
}
