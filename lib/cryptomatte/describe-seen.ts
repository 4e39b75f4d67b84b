/** What a program sees of a file, as plain JSON values: `exrpipe info --as nuke`. */
import { refusal } from '../layers/seen-by/openexr.js';
import type { Note, Problem, Program, SeenChannel } from '../layers/seen-by/program.js';
import { programFacts } from '../layers/seen-by/program.js';
import { type Sighting, seenBy, seenChannels, works } from '../layers/seen-by/seen-by.js';
import { orphanGroups } from '../layers/sets.js';
import { groupBy } from '../model/group-by.js';
import type { Header } from '../model/header.js';

/** A layer as a program lists it. */
export interface SeenLayerDescription {
  /** As the program calls it; '' where it has no layer for these channels. */
  readonly name: string;
  readonly view?: string;
  /** Numbers of the parts that its channels come from. */
  readonly parts: readonly number[];
  readonly channels: readonly {
    /** As the program calls it. */
    readonly name: string;
    /** As the file does. */
    readonly channel: string;
    readonly part: number;
  }[];
}

/** One Cryptomatte as a program finds it. */
export interface SeenCryptomatteDescription {
  /** Undefined where the metadata lacks it. */
  readonly name?: string;
  /** Undefined where there is no metadata. */
  readonly key?: string;
  /** Under which name the program lists it; absent where it does not. */
  readonly listed?: string;
  /** Whether it gives the right mattes, as far as the header shows. */
  readonly works: boolean;
  /** Rank layers that the program finds. */
  readonly rankLayers: number;
  /** Why it does not work. */
  readonly problem?: Problem;
  /** What to know where it does. */
  readonly notes: readonly Note[];
}

/** A file as a program shows it: `exrpipe info --as PROGRAM --json`. */
export interface SeenDescription {
  readonly program: Program;
  /** As people call it. */
  readonly label: string;
  /** Which of its readers this is, since versions differ. */
  readonly reader: string;
  /** Why no program that reads with the OpenEXR library opens the file. */
  readonly refused?: string;
  /** In the program's order. */
  readonly layers: readonly SeenLayerDescription[];
  /** Channels that the program does not show at all. */
  readonly hidden: number;
  readonly cryptomattes: readonly SeenCryptomatteDescription[];
}

/** Describes what a program sees. Never throws for what a file may hold. */
export function describeSeen(header: Pick<Header, 'parts'>, program: Program): SeenDescription {
  const { label, reader } = programFacts[program];
  const seen = seenChannels(header, program);
  const refused = refusal(header);
  const all = header.parts.reduce((sum, { channels }) => sum + channels.length, 0);
  return {
    program,
    label,
    reader,
    ...(refused !== undefined && { refused }),
    layers: [...groupBy(seen, ({ layer, view }) => JSON.stringify([layer, view])).values()].map(describeLayer),
    hidden: all - new Set(seen.map(({ channel }) => channel)).size,
    cryptomattes: [
      ...seenBy(header, program).map(describeSighting),
      ...orphanGroups(header).map(({ name }) => withoutMetadata(name)),
    ],
  };
}

/** Ranks alone: every program relies on the metadata. */
function withoutMetadata(name: string): SeenCryptomatteDescription {
  return {
    name,
    works: false,
    rankLayers: 0,
    problem: { code: 'no-metadata', text: 'its metadata is lost' },
    notes: [],
  };
}

function describeLayer(channels: readonly SeenChannel[]): SeenLayerDescription {
  const [{ layer, view }] = channels as [SeenChannel];
  return {
    name: layer,
    ...(view !== '' && { view }),
    parts: [...new Set(channels.map(({ part }) => part))],
    channels: channels.map(({ name, channel, part }) => ({ name, channel: channel.name, part })),
  };
}

function describeSighting(sighting: Sighting): SeenCryptomatteDescription {
  const { set, name, ranks, problem, notes } = sighting;
  return {
    ...(set.name !== undefined && { name: set.name }),
    key: set.key,
    ...(name !== undefined && { listed: name }),
    works: works(sighting),
    rankLayers: ranks.length,
    ...(problem && { problem }),
    notes,
  };
}
