/** What independent readers find in a file: the OpenEXR library (references.py) and Blender's node (mattes.py of the judge). */

/** A Cryptomatte's channels in one view, as layers that are called alike but for a number at the end. */
export interface Group {
  readonly name: string;
  readonly view: string;
  /** Part and name of each. */
  readonly channels: readonly (readonly [part: number, name: string])[];
  /** Whether all of them are float; else there are no IDs. */
  readonly float: boolean;
  /** ID as eight hexadecimal digits: sum of its matte in pixels, and a digest of it. */
  readonly ids?: Readonly<Record<string, readonly [sum: number, digest: string]>>;
  /** Coverage of all IDs in pixels. */
  readonly total?: number;
}

export interface Channel {
  readonly part: number;
  readonly name: string;
  readonly type: string;
  /** Of the window and the samples. */
  readonly digest: string;
  /** Of all samples; only of float channels in small parts. */
  readonly sum?: number;
}

export interface Reading {
  readonly path: string;
  /** Why the library refuses the file; then nothing else is set. */
  readonly error?: string;
  readonly parts: readonly { readonly name: string; readonly view: string; readonly codec: string }[];
  readonly channels: readonly Channel[];
  /** The Cryptomattes of the metadata. */
  readonly sets: readonly { readonly name: string; readonly part: number }[];
  readonly groups: readonly Group[];
}

/** What Blender's node reports about one name of one Cryptomatte of the metadata, or, without `layer`, about a file. */
export interface Answer {
  readonly path: string;
  readonly layer?: string;
  readonly name?: string;
  readonly sum?: number;
  readonly sha?: string;
  readonly offered?: boolean | readonly string[];
  /** What its eyedropper returns for the name's ID. */
  readonly pick?: string | null;
  readonly error?: string;
}

/** A file as both of them see it. */
export interface Seen {
  readonly reading: Reading;
  readonly answers: readonly Answer[];
}
