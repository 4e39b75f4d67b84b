/**
 * What is tried on which files, and the expected results. A new command is a line here.
 *
 * In command lines, whole words: IN the file, OUT a file, PARTS a file for each part, PREV all files of the line before, DONOR
 * a render of the same scene, CORPUS/… a file of the corpus. Within words: <crypto> the file's first Cryptomatte, <layer>
 * what precedes its last dot, <rank> the part of its second rank, <first> the first part, <name> its largest name,
 * <prev> the folder of the line before. A trial is skipped if the file has no such thing.
 */
import type { Sameness } from './channels.js';
import type { Frame } from './frame.js';

export interface Trial {
  /** Command lines without the program's name; a line's outputs are discarded except for the last one's. */
  readonly run: string | readonly string[];
  readonly on: (frame: Frame) => boolean;
  /** Entries of FAULTS.md that it shows. */
  readonly faults?: string;
  /** What must stay the same about the channels; `names` by default. */
  readonly same?: Sameness;
  /** Channels that stay; all by default. `part` is the name of its part. */
  readonly keeps?: (name: string, frame: Frame, part: string) => boolean;
  /** The new name of a channel. */
  readonly renamed?: (name: string, frame: Frame) => string;
  /** Names of channels that are new. */
  readonly adds?: readonly string[];
  /** Names that some channel must have. */
  readonly has?: readonly string[];
  /**
   * - `kept`, or absent: what worked still works; nothing is required of what did not
   * - `all`: every Cryptomatte of the channels kept works, and nearly all of its coverage has names
   * - `none`: metadata is dropped
   */
  readonly mattes?: 'kept' | 'all' | 'none';
  /** Right in a scene of any working space; else frames in ACEScg are judged in one of theirs. */
  readonly everywhere?: boolean;
  /** With `all`: what share of the coverage must have names, 0.999 where absent. */
  readonly share?: number;
  /** Ranks may end up in different files. */
  readonly apart?: boolean;
  /** Only channels of IDs must be the same; or the command is refused, and what it advises works. */
  readonly lossy?: boolean;
  /** The single channel of the result is the matte of <name>, one for each view. */
  readonly matteOfName?: boolean;
  /** No name of the metadata may be gone. */
  readonly namesStay?: boolean;
  /** The command is `validate`: its errors must agree with Blender's node, or it may not find ranks missing. */
  readonly verdict?: 'blender' | 'ranks';
  /** `must`: only a refusal is right. `may`: it is as right as a good result. */
  readonly refused?: 'must' | 'may';
  /** Must not be among the warnings. */
  readonly silent?: RegExp;
  /** A warning like this is as right as a good result: the user has asked for what Blender cannot read. */
  readonly orWarns?: RegExp;
  /** Whether it is in the sample for every file it fits. */
  readonly always?: boolean;
}

const everyFrame = (): boolean => true;
const only =
  (...files: string[]) =>
  ({ file }: Frame): boolean =>
    files.includes(file);
const within = (name: string, layer: string | undefined): boolean => name.startsWith(`${layer}.`);
const single = ({ file }: Frame): boolean => file.includes('single/');
const whole = (frame: Frame): boolean => !single(frame);
const worksOrDid = ({ state }: Frame): boolean => ['sound', 'space'].includes(state);
/** Something that may be view layers; without it `split --by view-layer` has nothing to go by. */
const hasLayers = (frame: Frame): boolean => whole(frame) && frame.prefixes.length > 0;
const manyLayers = (frame: Frame): boolean => whole(frame) && frame.prefixes.length > 1;
const viewsIn =
  (multipart: boolean) =>
  (frame: Frame): boolean =>
    frame.state === 'views' && frame.multipart === multipart;
const forBlender = /Blender/;
/** A view layer of 63 bytes, to which no pass can be joined without a dot between them. */
const longest = only('b53/panel/layernames.0001.exr');
/** Views in the names of channels. */
const viewsInNames = viewsIn(false);
const withoutView = (name: string): string => name.replace(/\.(left|right)\./, '.');

const headers: Trial[] = [
  { run: 'set-attribute owner=us IN -o OUT', on: () => true },
  { run: 'drop-attribute Date Time RenderTime IN -o OUT', on: () => true },
  { run: "drop-attribute '*' --keep 'cryptomatte/*' --keep colorInteropID IN -o OUT", on: () => true },
  { run: 'copy-attributes --from CORPUS/b53/panel/panel_f32_zip.0001.exr IN -o OUT', on: () => true, faults: 'F12' },
  {
    run: 'copy-attributes --from CORPUS/b53/workspace/acescg_panel_f32_zip.0001.exr IN -o OUT',
    on: () => true,
    faults: 'F12',
  },
];

const renaming: Trial[] = [
  { run: 'rename --add-prefix shot. IN -o OUT', on: whole, renamed: (name) => `shot.${name}` },
  { run: 'rename --add-prefix x_ IN -o OUT', on: whole, renamed: (name) => `x_${name}` },
  {
    run: "rename --strip-prefix '<layer>.' IN -o OUT",
    on: whole,
    renamed: (name, { pieces }) => (within(name, pieces.layer) ? name.slice(`${pieces.layer}.`.length) : name),
  },
  {
    run: "rename --map '<layer>=Hero' IN -o OUT",
    on: whole,
    renamed: (name, { pieces }) => (within(name, pieces.layer) ? `Hero${name.slice(pieces.layer?.length)}` : name),
  },
  { run: "rename --map '<crypto>=ids' IN -o OUT", on: whole, same: 'values', faults: 'F4b' },
  { run: "rename --map '<crypto>=ids.Hero' IN -o OUT", on: whole, same: 'values', faults: 'F4b' },
  {
    run: "rename --regex 's/Crypto/Krypto/' IN -o OUT",
    on: whole,
    renamed: (name) => name.replace('Crypto', 'Krypto'),
  },
  ...['nuke', 'arnold', 'fusion'].flatMap((preset): Trial[] => [
    {
      run: `rename --preset ${preset} IN -o OUT`,
      on: (frame) => whole(frame) && !longest(frame),
      same: 'values',
      faults: 'F4b F9',
    },
    {
      run: `rename --preset ${preset} IN -o OUT --for blender --for ${preset}`,
      on: longest,
      same: 'values',
      orWarns: forBlender,
    },
    {
      run: `rename --preset ${preset} then rename --preset blender IN -o OUT`,
      on: whole,
      same: 'parts',
      orWarns: /no name has changed/,
      faults: 'F4c F9',
    },
  ]),
  {
    run: ['rename --preset nuke IN -o OUT', 'rename --preset blender PREV -o OUT'],
    on: (frame) => whole(frame) && frame.state !== 'destroyed',
    same: 'parts',
    orWarns: /no name has changed/,
    faults: 'F4c F9',
  },
  {
    run: 'rename --preset arnold IN -o OUT',
    on: only('b53/panel/allpasses.0001.exr', 'b45/panel/allpasses.0001.exr'),
    same: 'values',
    has: ['diffuse_albedo.R', 'diffuse_direct.R', 'specular_indirect.R', 'emission.R', 'background.R'],
    faults: 'F9',
    always: true,
  },
];

const apart: Trial[] = [
  {
    run: 'split --by view-layer IN -o PARTS',
    on: (frame) => hasLayers(frame) && !viewsIn(true)(frame),
    faults: 'F3c',
    silent: /go to different files/,
  },
  { run: 'split --by view-layer IN -o OUT', on: hasLayers, faults: 'F3c' },
  { run: 'split --by view-layer --strip-prefix IN -o PARTS', on: hasLayers, same: 'values', faults: 'F4a' },
  {
    run: 'split --by view-layer --strip-prefix IN -o OUT',
    on: hasLayers,
    same: 'values',
    refused: 'may',
    orWarns: forBlender,
    faults: 'F4a',
  },
  {
    run: 'split --by view-layer --strip-prefix then rename --preset arnold IN -o PARTS',
    on: hasLayers,
    same: 'values',
    faults: 'F4a',
  },
  { run: 'split --by view-layer --as parts IN -o PARTS', on: hasLayers, faults: 'F3c' },
  { run: 'split --by view-layer --as parts --strip-prefix IN -o PARTS', on: hasLayers, same: 'values', faults: 'F4a' },
  { run: 'split --by layer IN -o PARTS', on: whole, faults: 'F4a' },
  { run: 'split --by layer IN -o OUT', on: whole, orWarns: forBlender, faults: 'F3c' },
  { run: 'split --by layer --strip-prefix IN -o PARTS', on: whole, same: 'values', faults: 'F4a' },
  { run: 'split --by part IN -o PARTS', on: () => true, apart: true },
  { run: 'split --by part IN -o OUT', on: () => true, faults: 'F3c' },
  {
    run: ['split --by view-layer IN -o PARTS', 'merge PREV -o OUT'],
    on: (frame) => hasLayers(frame) && frame.state !== 'views',
    faults: 'F3c F11a',
  },
  { run: ['split --by view-layer IN -o PARTS', 'merge --as parts PREV -o OUT'], on: hasLayers, faults: 'F3c' },
  { run: ['split --by part IN -o PARTS', 'merge --as parts PREV -o OUT'], on: () => true, faults: 'F3c' },
  {
    run: ['split --by view-layer --strip-prefix IN -o PARTS', "merge --as parts --name '{stem}' PREV -o OUT"],
    on: hasLayers,
    same: 'values',
    orWarns: forBlender,
    faults: 'F3c',
  },
];

const joined: Trial[] = [
  { run: 'merge IN -o OUT', on: (frame) => frame.state !== 'views', faults: 'F11a' },
  { run: 'merge --as parts IN -o OUT', on: () => true },
  {
    run: "merge --as parts --name '{stem}' IN -o OUT",
    on: (frame) => whole(frame) && !frame.multipart,
    orWarns: forBlender,
  },
  {
    run: "merge --as parts --name '{stem}.{layer}' IN -o OUT",
    on: (frame) => whole(frame) && frame.multipart,
    refused: 'may',
    orWarns: forBlender,
  },
  { run: "merge --name '{stem}' IN -o OUT", on: whole, same: 'values', refused: 'may', orWarns: forBlender },
  {
    run: "merge --name '{stem}' then repair IN CORPUS/b53/single/b6_CryptoObject01.exr CORPUS/b53/single/b6_CryptoObject02.exr CORPUS/b53/single/b6_Combined.exr CORPUS/b53/single/b6_Depth.exr -o OUT",
    on: only('b53/single/b6_CryptoObject00.exr'),
    same: 'values',
    mattes: 'all',
    namesStay: true,
    faults: 'F6a',
    always: true,
  },
  {
    run: "merge --name '{stem}' then repair IN CORPUS/b45/single/b6_CryptoObject01.0001.exr CORPUS/b45/single/b6_CryptoObject02.0001.exr -o OUT",
    on: only('b45/single/b6_CryptoObject00.0001.exr'),
    same: 'values',
    mattes: 'all',
    namesStay: true,
    faults: 'F6a',
    always: true,
  },
  {
    run: "merge --name '{stem}' then inject-manifest --from CORPUS/b53/panel/donor_1spp.0001.exr IN CORPUS/b53/single/b6_CryptoObject01.exr CORPUS/b53/single/b6_CryptoObject02.exr -o OUT",
    on: only('b53/single/b6_CryptoObject00.exr'),
    same: 'values',
    mattes: 'all',
    faults: 'F6a',
    always: true,
  },
];

const laidOut: Trial[] = [
  { run: 'layout --to single IN -o OUT', on: (frame) => frame.state !== 'views', faults: 'F11a' },
  {
    // In Blender's parts, only the part's own attribute gives its view.
    run: 'layout --to parts --for blender IN -o OUT',
    on: whole,
    renamed: (name, frame) => (viewsInNames(frame) ? withoutView(name) : name),
  },
  {
    run: ['layout --to single IN -o OUT', 'layout --to parts --for blender PREV -o OUT'],
    on: (frame) => whole(frame) && frame.state !== 'views',
  },
  ...['nuke', 'arnold', 'fusion'].map(
    (preset): Trial => ({
      run: `layout --to single then rename --preset ${preset} IN -o OUT --for blender --for ${preset}`,
      on: (frame) => whole(frame) && frame.state !== 'views',
      same: 'values',
      orWarns: forBlender,
    }),
  ),
  {
    run: 'layout --to single then split --by view-layer IN -o PARTS',
    on: (frame) => hasLayers(frame) && frame.state !== 'views',
  },
];

const chosen: Trial[] = [
  {
    run: "pick --layer '<layer>.Crypto*' IN -o OUT",
    on: whole,
    keeps: (name, { pieces }) => name.startsWith(`${pieces.layer}.Crypto`),
    faults: 'F3d',
  },
  {
    run: "pick --layer 'BG.Crypto*' IN -o OUT",
    on: (frame) => manyLayers(frame) && frame.prefixes.includes('BG'),
    keeps: (name) => name.startsWith('BG.Crypto'),
    faults: 'F3d',
    always: true,
  },
  {
    run: "pick --part 'BG.Crypto*' IN -o OUT",
    on: (frame) => manyLayers(frame) && frame.multipart && frame.prefixes.includes('BG'),
    keeps: (_, __, part) => part.startsWith('BG.Crypto'),
    faults: 'F3d',
  },
  {
    run: "pick --layer '<layer>' IN -o OUT",
    on: whole,
    keeps: (name, { pieces }) => within(name, pieces.layer),
    faults: 'F3d',
  },
  {
    run: "pick --layer '<crypto>' IN -o OUT",
    on: whole,
    keeps: (name, { pieces }) => /^\d+\./.test(name.replace(pieces.crypto ?? '', '')),
    faults: 'F3d',
  },
  {
    run: "drop --layer '<layer>' IN -o OUT",
    on: manyLayers,
    keeps: (name, { pieces }) => !within(name, pieces.layer),
    faults: 'F3d',
  },
  {
    run: "drop --layer '*.Combined' IN -o OUT",
    on: (frame) => whole(frame) && frame.prefixes.length > 0,
    keeps: (name) => !/\.Combined\.[RGBA]$/.test(withoutView(name)),
    faults: 'F3d',
  },
  {
    run: "drop --part '<first>' IN -o OUT",
    on: (frame) => frame.multipart && frame.state !== 'views' && !/Crypto/i.test(frame.pieces.first ?? ''),
    keeps: (_, { pieces }, part) => part !== pieces.first,
    faults: 'F3d',
  },
  {
    run: "drop --layer '*rypto*' IN -o OUT",
    on: (frame) => whole(frame) && frame.seen.reading.channels.some(({ name }) => !/rypto/.test(name)),
    keeps: (name) => !/rypto/.test(name),
  },
  {
    // Mattes alone are "data", whatever space the colours beside them were in.
    run: "pick --layer '*Crypto*' IN -o OUT",
    on: (frame) => frame.state === 'space',
    keeps: (name) => /Crypto/.test(name),
    mattes: 'all',
    everywhere: true,
    faults: 'F12',
    always: true,
  },
];

const repaired: Trial[] = [
  {
    run: 'repair IN -o OUT',
    on: (frame) => !single(frame) && worksOrDid(frame),
    namesStay: true,
    orWarns: /Blender shows names with control characters/,
    faults: 'F3a F6b',
  },
  // A layer that has lost its number gets one.
  {
    run: 'repair IN -o OUT',
    on: (frame) => !single(frame) && !worksOrDid(frame) && !['rounded', 'destroyed'].includes(frame.state),
    same: 'values',
    namesStay: true,
    orWarns: /Blender shows names with control characters/,
    faults: 'F3a F6b',
  },
  // Bare ranks whose metadata dangles get their layer's name.
  {
    run: 'repair IN -o OUT',
    on: (frame) => single(frame) && /Crypto/.test(frame.file),
    same: 'values',
    mattes: 'all',
    namesStay: true,
    faults: 'F6b',
  },
  { run: 'repair IN -o OUT', on: ({ state, lost }) => state === 'rounded' && lost.length === 0, mattes: 'all' },
  {
    run: 'repair then repair IN -o OUT',
    on: ({ state }) => state === 'sound',
    orWarns: /Blender shows names with control characters/,
    faults: 'F3a',
  },
  {
    run: 'inject-manifest --from DONOR IN -o OUT',
    on: (frame) => frame.lost.length > 0 && frame.state !== 'rounded',
    mattes: 'all',
    faults: 'F3b',
    always: true,
  },
  {
    run: 'inject-manifest --from DONOR then repair IN -o OUT',
    on: (frame) => frame.lost.length > 0,
    mattes: 'all',
    faults: 'F3b',
  },
  {
    run: 'inject-manifest --no-verify --from DONOR IN -o OUT',
    on: (frame) => frame.state === 'lost',
    mattes: 'all',
    refused: 'may',
    faults: 'F3b',
  },
  {
    run: 'inject-manifest --from DONOR then split --by view-layer --strip-prefix IN -o PARTS',
    on: (frame) => hasLayers(frame) && frame.state === 'lost',
    same: 'values',
    mattes: 'all',
    faults: 'F3b F4a',
  },
  {
    run: 'merge then inject-manifest --from DONOR IN -o OUT',
    on: (frame) => frame.state === 'lost',
    mattes: 'all',
  },
  {
    run: 'merge then inject-manifest --from DONOR then rename --preset nuke IN -o OUT',
    on: (frame) => frame.state === 'lost',
    same: 'values',
    mattes: 'all',
  },
  {
    run: 'inject-manifest --from DONOR IN -o OUT',
    on: ({ state }) => state === 'filtered',
    refused: 'may',
    mattes: 'all',
    share: 0,
  },
  { run: 'inject-manifest --from DONOR IN -o OUT', on: ({ state }) => state === 'destroyed', refused: 'must' },
  { run: 'repair IN -o OUT', on: ({ state }) => state === 'destroyed', refused: 'must' },
  ...['blend/assets_cut.exr', 'blend/assets_panel.exr'].map(
    (file): Trial => ({
      run: 'inject-manifest --replace --blend CORPUS/b53/blend/shot.blend IN -o OUT',
      on: only(`b53/${file}`),
      mattes: 'all',
      faults: 'F3b',
      always: true,
    }),
  ),
  {
    run: 'inject-manifest --blend CORPUS/b53/blend/shot.blend IN -o OUT',
    on: only('b53/blend/assets_cut.exr'),
    mattes: 'all',
    faults: 'F3b',
    always: true,
  },
];

const mattes: Trial[] = [
  {
    run: "matte --name '*' --layer '<crypto>' --as all IN -o OUT",
    on: (frame) => worksOrDid(frame),
    adds: ['all'],
    faults: 'F4d',
  },
  {
    run: "matte --name '<name>' --layer '<crypto>' --only IN -o OUT",
    on: (frame) => worksOrDid(frame) || frame.state === 'views',
    matteOfName: true,
    faults: 'F5',
  },
];

const stored: Trial[] = [
  { run: 'compress --to zip IN -o OUT', on: everyFrame },
  { run: 'compress --to piz IN -o OUT', on: everyFrame },
  { run: 'compress --to pxr24 IN -o OUT', on: whole, lossy: true, faults: 'F2' },
  { run: 'compress --to dwaa IN -o OUT', on: whole, lossy: true, faults: 'F2' },
  // From a file with only mattes, nothing can be dropped.
  { run: 'compress --to pxr24 IN -o OUT', on: single, lossy: true, refused: 'may', faults: 'F2' },
  // The advice, to drop the mattes, would leave nothing of such a part.
  { run: "compress --to pxr24 --part '<rank>' IN -o OUT", on: everyFrame, lossy: true, refused: 'may', faults: 'F1' },
  { run: "compress --to dwaa --part '<rank>' IN -o OUT", on: everyFrame, lossy: true, refused: 'may', faults: 'F1' },
  {
    run: "compress --to pxr24 --part 'main.CryptoObject0[12]' IN -o OUT",
    on: only('b53/fileoutput/b3_sepcomb.exr'),
    lossy: true,
    refused: 'may',
    faults: 'F1',
    always: true,
  },
  {
    run: ['split --by part IN -o PARTS', "compress --to dwaa '<prev>/<rank>.exr' -o OUT"],
    on: everyFrame,
    lossy: true,
    refused: 'may',
    apart: true,
    faults: 'F2',
  },
  { run: 'convert --to half IN -o OUT', on: everyFrame, lossy: true, faults: 'F1 F2', always: true },
  {
    // A slash in a part's name makes a folder.
    run: ['split --by part IN -o PARTS', "convert --to half '<prev>/<rank>.exr' -o OUT"],
    on: (frame) => !only('b53/fileoutput/b2_slash.exr')(frame),
    lossy: true,
    apart: true,
    faults: 'F2',
  },
  {
    run: "drop-attribute 'cryptomatte/*' then convert --to half IN -o OUT",
    on: everyFrame,
    lossy: true,
    mattes: 'none',
    faults: 'F1 F2',
  },
  {
    run: "drop-attribute 'cryptomatte/*' then rename --regex 's/crypto/ids_/i' then convert --to half IN -o OUT",
    on: whole,
    renamed: (name) => name.replace(/crypto/i, 'ids_'),
    lossy: true,
    mattes: 'none',
    refused: 'may',
    faults: 'F2',
  },
];

const stereo: Trial[] = [
  {
    run: 'split --by view-layer IN -o PARTS',
    on: viewsIn(true),
    mattes: 'all',
    silent: /go to different files/,
    faults: 'F7b',
    always: true,
  },
  {
    run: "pick --part '*-left' IN -o OUT",
    on: viewsIn(true),
    keeps: (_, __, part) => part.endsWith('-left'),
    mattes: 'all',
    faults: 'F7c',
    always: true,
  },
  { run: 'merge IN -o OUT', on: viewsIn(true), same: 'values', refused: 'may', faults: 'F7d', always: true },
  {
    run: "merge --name '{view}' IN -o OUT",
    on: viewsIn(true),
    same: 'values',
    mattes: 'all',
    silent: /no longer fits/,
    faults: 'F7d',
    always: true,
  },
  { run: 'merge IN -o OUT', on: viewsIn(false), always: true },
  ...['left', 'right'].map(
    (view): Trial => ({
      run: `pick --channel '*.${view}.*' then rename --regex 's/\\.${view}\\././' IN -o OUT`,
      on: viewsIn(false),
      keeps: (name) => name.includes(`.${view}.`),
      renamed: (name) => name.replace(`.${view}.`, '.'),
      mattes: 'all',
      always: true,
    }),
  ),
  {
    run: 'validate --target nuke --json IN',
    on: only('b53/stereo/panel_stereo.0001.exr', 'b53/stereo/panel_multiview.0001.exr'),
    verdict: 'ranks',
    faults: 'F7a',
    always: true,
  },
];

/** What is made of HTJ2K's packets, decoded as ZIP. */
const htj2k: Trial[] = [
  {
    run: 'merge then compress --to zip IN -o OUT',
    on: (frame) => frame.htj2k,
    same: 'names',
    faults: 'F8',
    always: true,
  },
];

const verdicts: Trial[] = [
  {
    run: 'validate --pixels --target blender --json IN',
    on: everyFrame,
    verdict: 'blender',
    faults: 'F10',
    always: true,
  },
  {
    run: 'validate --target blender --json IN',
    on: (frame) => frame.htj2k,
    verdict: 'blender',
    faults: 'F8 F10',
    always: true,
  },
];

export const trials: readonly Trial[] = [
  ...headers,
  ...renaming,
  ...apart,
  ...joined,
  ...laidOut,
  ...chosen,
  ...repaired,
  ...mattes,
  ...stored,
  ...stereo,
  ...htj2k,
  ...verdicts,
];

/** Renders of the same scene that have the names, by the beginning of the paths of those that have lost them. */
export const donors: readonly (readonly [start: string, donor: string])[] = [
  ['b53/blend/', 'b53/blend/assets_panel.exr'],
  ['b53/names/', 'b53/names/nasty.0001.exr'],
  ['b53/extra/', 'b53/extra/x_panel_interleave.exr'],
  ['b53/workspace/', 'b53/workspace/acescg_panel_f32_zip.0001.exr'],
  ['b53/', 'b53/panel/donor_1spp.0001.exr'],
  ['b45/', 'b45/panel/panel_f16_zip.0001.exr'],
];

/** The same frames as they were before PXR24 rounded their IDs. */
export const unrounded: Readonly<Record<string, string>> = {
  'b53/fileoutput/b1_direct_pxr24.exr': 'b53/fileoutput/b1_direct_origname.exr',
  'b53/fileoutput/b3_sepcomb_pxr24.exr': 'b53/fileoutput/b3_sepcomb.exr',
  'b53/panel/panel_f32_pxr24.0001.exr': 'b53/panel/panel_f32_zip.0001.exr',
};

/** Files on which the sample tries everything; on others, trials of `always`. */
export const sample: readonly string[] = [
  'b53/panel/panel_f32_zip.0001.exr',
  'b53/fileoutput/b1_direct_origname.exr',
  'b53/fileoutput/b2_two_dots.exr',
  'b53/fileoutput/b2_rank123.exr',
  'b53/fileoutput/b3_sepcomb.exr',
  'b53/fileoutput/b1_direct_dwaa.exr',
  'b53/fileoutput/b1_direct_htj2k.exr',
  'b53/extra/x_empty_name.exr',
  'b53/stereo/panel_stereo.0001.exr',
  'b53/workspace/acescg_panel_f32_zip_interleave.0001.exr',
  'b53/single/b6_CryptoObject00.exr',
  'b45/panel/panel_f16_zip.0001.exr',
];
