#!/usr/bin/env bash
# Makes zstd.wasm, which is kept in the repository: only who changes it needs a C compiler.
#
#   openexr-wasm/zstd/build.sh [FOLDER]     writes FOLDER/zstd.wasm (default: here); needs pip, and `npm ci` done
#
# zstd 1.5.7, as OpenEXR 3.5 has it, is compiled by clang (of PyPI's ziglang) for memory of 64 bits, so that the library takes
# its ways for 64-bit machines, and lowered to memory of 32 bits by Binaryen (which AssemblyScript brings), so that every runtime
# with SIMD takes it. All versions are exact, and the result is the same bytes each time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
to=$(realpath "${1:-$here}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archive=openexr-3.5.3.tar.gz
pip download --quiet --no-binary :all: --no-deps --dest "$work" openexr==3.5.3
echo "5645cc5493802832860a715ceb621139b44ee867084cec1501a2b8685e40d88a  $work/$archive" | sha256sum --check --quiet
tar -xzf "$work/$archive" -C "$work" --strip-components 3 openexr-3.5.3/external/zstd
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet ziglang==0.17.1
zig() { "$work/venv/bin/python" -m ziglang "$@"; }

lib=$work/lib
objects=()
for source in "$lib"/{common,decompress,compress}/*.c "$here/glue.c"; do
  case $(basename "$source") in pool.c | threading.c | zstdmt_compress.c | debug.c) continue ;; esac
  objects+=("$work/$(basename "$source" .c).o")
  zig cc -c -target wasm64-freestanding -mcpu=generic+simd128+bulk_memory+sign_ext+mutable_globals -O3 \
    -DNDEBUG -DDEBUGLEVEL=0 -DZSTD_DISABLE_ASM=1 -DZSTD_STRIP_ERROR_STRINGS=1 -DXXH_NO_XXH3 \
    -I "$lib" -isystem "$here/include" -o "${objects[-1]}" "$source"
done
# The stack comes first: where it overflows it traps, and overwrites nothing.
zig wasm-ld -mwasm64 --no-entry --stack-first -z stack-size=262144 --initial-memory=4194304 --gc-sections --strip-all \
  -o "$work/zstd64.wasm" "${objects[@]}"
"$here/../../node_modules/.bin/wasm-opt" --enable-memory64 --enable-simd --enable-bulk-memory --enable-bulk-memory-opt \
  --enable-sign-ext --enable-mutable-globals --memory64-lowering "$work/zstd64.wasm" -o "$to/zstd.wasm"
sha256sum "$to/zstd.wasm"
