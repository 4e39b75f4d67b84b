#!/usr/bin/env bash
# Builds an OpenEXR of your choice for the benches, outside the tree: its source is in the Python package's archive.
#
#   bench/build-openexr.sh FOLDER [VERSION]      default 3.5.3; needs pip, cmake, g++ and libimath-dev; some minutes
#   PKG_CONFIG_PATH=FOLDER/lib/pkgconfig LD_LIBRARY_PATH=FOLDER/lib npm run bench
set -euo pipefail
folder=$(realpath -m "${1:?the folder to install into}")
version=${2:-3.5.3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip download --quiet --no-binary :all: --no-deps --dest "$work" "openexr==$version"
tar -xf "$work"/*.tar.gz -C "$work" --strip-components 1
cmake -S "$work" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$folder" -DCMAKE_INSTALL_LIBDIR=lib \
  -DCMAKE_CXX_FLAGS=-w -DBUILD_TESTING=OFF -DOPENEXR_BUILD_PYTHON=OFF -DOPENEXR_BUILD_EXAMPLES=OFF >/dev/null
cmake --build "$work/build" --target install --parallel "$(nproc)" >/dev/null
"$folder/bin/exrinfo" --version
