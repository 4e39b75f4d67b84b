// Moving channels between chunks whose bytes went through zlib, without compressing them again. The idea: the
// bytes of a chunk, before zlib, are strands of single channels (splice/runs.ts), and most of a deflate stream's
// tokens copy from within their own strand. Such tokens move as bits. See splice/read.ts and splice/write.ts.
//
// A splice is a series of calls, on a fresh arena: spliceStart; spliceAddSource and spliceAddTarget for each chunk;
// splicePlan; spliceRead for each source; spliceWrite for each target.
export { spliceAddSource, spliceAddTarget, splicePlan, spliceStart } from './runs';
export { spliceRead } from './read';
export { spliceShare, spliceWrite } from './write';
