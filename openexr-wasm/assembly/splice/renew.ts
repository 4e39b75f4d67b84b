// Tokens made again, for a target whose sources' tokens often copy from farther away than the target allows. The target's
// bytes are kept as far back as deflate may copy from, and searched for matches; the sources' matches that can be moved are
// hints, which save most of the work.
//
// The search picks the longest of the source's match and the last two places with the same four bytes, and takes the first
// match it finds, which is about what libdeflate does at OpenEXR's level.

import { copyMatch } from '../deflate/matches';
import { MAX_DISTANCE, MIN_MATCH } from '../deflate/format';
import { matchToken, nextToken, TOKENS_END, tokensUpTo } from './tokens';

/** Tokens are made once this many bytes wait for them. */
const MOST_UNTOLD: usize = 65536;
/** The most bytes that may be added at once. */
export const MOST_ADDED: usize = 65535;

/**
 * The target's bytes so far, at least the last of them; with room for wide loads and stores after them, and before them for
 * wrong distances.
 */
const HISTORY: usize = memory.data(65536 + 32768 + 2 * 65536 + 64, 16) + 65536;
const HISTORY_END: usize = HISTORY + MAX_DISTANCE + MOST_UNTOLD + MOST_ADDED;

/**
 * For each hash the last two positions of bytes that have it, u16 each, the newer one in the low bits: a distance is at most
 * 32768, and candidates are compared anyway.
 */
const HASH_BITS: u32 = 14;
const PLACES: usize = memory.data(65536, 64);
const PLACES_BYTES: usize = 65536;

/** Matches of the sources among the bytes that wait: address, length and distance, u32 each. */
const HINTS: usize = memory.data(12 * 8192, 16);
const HINTS_END: usize = HINTS + 12 * 8191;
let hintsEnd: usize = HINTS;
/** The first hint that has not been passed yet. */
let nextHint: usize = HINTS;

/** Shorter matches are not looked for. */
const LEAST_FOUND: usize = 4;
const MOST_MATCH: usize = 258;

/** For a hint of this length, no longer match is looked for. */
const LONG_ENOUGH: usize = 258;

/** This many positions at the start and at the end of a match can be found again. */
const FOUND_AGAIN: usize = 8;

/** Where the next byte goes. */
let end: usize = HISTORY;
/** Added to an address it gives the position in the target, the first of which is 1. */
let origin: u32 = 0;
/** The first byte whose place is not recorded yet. */
let unplaced: usize = HISTORY;
/** The first byte that has no token yet. */
let untold: usize = HISTORY;

/** For a new target. Nothing of the previous one may be found: a chunk's bytes must not depend on what came before it. */
export function startHistory(): void {
  memory.fill(PLACES, 0, PLACES_BYTES);
  end = HISTORY;
  origin = 1 - <u32>HISTORY;
  unplaced = HISTORY;
  untold = HISTORY;
  forgetHints();
}

function forgetHints(): void {
  hintsEnd = HINTS;
  nextHint = HINTS;
  // There is no byte there.
  store<u32>(HINTS, u32.MAX_VALUE);
}

/** Whether tokens must be made, by `tell`, before anything more is added. */
export function mustTell(): bool {
  return end - untold >= MOST_UNTOLD || hintsEnd >= HINTS_END;
}

/** Adds bytes, at most MOST_ADDED. */
export function addBytes(from: usize, count: usize): void {
  makeRoom(count);
  memory.copy(end, from, count);
  end += count;
}

/** Adds bytes, at most MOST_ADDED, whose tokens are written elsewhere. All bytes before have theirs. */
export function addTold(from: usize, count: usize): void {
  addBytes(from, count);
  untold = end;
}

/** Adds the bytes of a match that its source had. */
export function addHint(length: u32, distance: u32): void {
  makeRoom(<usize>length);
  copyMatch(end, <usize>distance, <usize>length);
  store<u32>(hintsEnd, <u32>end);
  store<u32>(hintsEnd, length, 4);
  store<u32>(hintsEnd, distance, 8);
  hintsEnd += 12;
  store<u32>(hintsEnd, u32.MAX_VALUE);
  end += <usize>length;
}

function makeRoom(count: usize): void {
  if (end + count <= HISTORY_END) return;
  const by = untold - MAX_DISTANCE - HISTORY;
  memory.copy(HISTORY, HISTORY + by, end - HISTORY - by);
  for (let hint = nextHint; hint < hintsEnd; hint += 12) store<u32>(hint, load<u32>(hint) - <u32>by);
  end -= by;
  untold -= by;
  unplaced = max(HISTORY + by, unplaced) - by;
  origin += <u32>by;
}

/** Makes tokens of the bytes that wait. Returns false when no more tokens can wait before all have some. */
export function tell(): bool {
  let at = untold;
  placeUpTo(at);
  // Up to here there are enough bytes to search for.
  const last = end - LEAST_FOUND + 1;
  const full = TOKENS_END;
  let token = nextToken();
  let matches: u32 = 0;
  let hint = <usize>load<u32>(nextHint);
  while (at < end && token < full) {
    let length: usize = 0;
    let distance: u32 = 0;
    if (at >= hint) {
      const rest = hint + <usize>load<u32>(nextHint, 4) - at;
      if (<isize>rest <= 0) {
        nextHint += 12;
        hint = <usize>load<u32>(nextHint);
        continue;
      }
      if (rest >= <usize>MIN_MATCH) {
        length = rest;
        distance = load<u32>(nextHint, 8);
      }
    }
    if (length < MOST_MATCH && at < last) {
      const word = load<u32>(at);
      const place = PLACES + hashOf(word);
      const position = <u32>at + origin;
      const places = load<u32>(place);
      store<u32>(place, (places << 16) | (position & 0xffff));
      // Compared first, as this branch is nearly always taken; any address there can be read.
      const newer = (position - places) & 0xffff;
      if (load<u32>(at - <usize>newer) == word && isNear(newer, position)) {
        const same = sameBytes(at, at - <usize>newer);
        if (same > length) {
          length = same;
          distance = newer;
        }
      }
      const older = (position - (places >> 16)) & 0xffff;
      if (load<u32>(at - <usize>older) == word && isNear(older, position)) {
        const same = sameBytes(at, at - <usize>older);
        if (same > length) {
          length = same;
          distance = older;
        }
      }
      unplaced = at + 1;
    }
    if (length == 0) {
      store<u32>(token, <u32>load<u8>(at++));
      token += 4;
      continue;
    }
    store<u32>(token, matchToken(<u32>length, distance));
    token += 4;
    ++matches;
    at += length;
    placeMatch(at, length);
  }
  tokensUpTo(token, matches);
  untold = at;
  if (at < end) return false;
  forgetHints();
  return true;
}

/** Whether a match may have this distance at this position. */
function isNear(distance: u32, position: u32): bool {
  return distance - 1 < <u32>MAX_DISTANCE && distance < position;
}

/** How many bytes from `at` on, up to the end and MOST_MATCH, are the same as those from `other` on; four are known to be. */
function sameBytes(at: usize, other: usize): usize {
  const most = min(end - at, MOST_MATCH);
  let same: usize = 4;
  while (same < most) {
    const differ = i8x16.bitmask(i8x16.ne(v128.load(at + same), v128.load(other + same)));
    if (differ != 0) return min(same + <usize>ctz(differ), most);
    same += 16;
  }
  return most;
}

function hashOf(word: u32): usize {
  return <usize>((word * 0x9e3779b1) >> (32 - HASH_BITS)) << 2;
}

/** Records the places of bytes before `limit`, as far as three more bytes follow them. */
function placeUpTo(limit: usize): void {
  const stop = min(limit, end - LEAST_FOUND + 1);
  for (; unplaced < stop; ++unplaced) place(unplaced);
}

function place(at: usize): void {
  const place = PLACES + hashOf(load<u32>(at));
  store<u32>(place, (load<u32>(place) << 16) | ((<u32>at + origin) & 0xffff));
}

/** Records places at both ends of a match, whose end is `stop`. */
function placeMatch(stop: usize, length: usize): void {
  if (length > 2 * FOUND_AGAIN) {
    placeUpTo(stop - length + FOUND_AGAIN);
    unplaced = stop - FOUND_AGAIN;
  }
  placeUpTo(stop);
}
