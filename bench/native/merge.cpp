// merge OUT.exr IN.exr…
// Files of the same size, or the parts of one, in one part, as an expert would write it with OpenEXR: all cores, blocks of lines
// read into the memory from which the output is written. The yardstick for `exrpipe merge` and `layout --to single`.
#include "layers.h"
#include <ImfOutputFile.h>
#include <cstdio>
#include <exception>

using namespace Imf;

static void merge(const char* path, char** files, int count)
{
    const int cores = useAllCores();
    Inputs inputs(files, count);
    const ChannelList channels = inputs.channels();
    const Imath::Box2i window = inputs.first().dataWindow();
    const int height = window.max.y - window.min.y + 1;
    const int lines = std::min(blockLines(cores), height);
    std::vector<Plane> planes = planesOf(channels, size_t(window.max.x - window.min.x) + 1, size_t(lines));
    OutputFile out(path, joinedHeader(inputs, channels));

    for (int y = window.min.y; y <= window.max.y; y += lines)
    {
        const int last = std::min(y + lines - 1, window.max.y);
        inputs.read(planes, y, last);
        out.setFrameBuffer(frameBuffer(planes, window, y, [](const Plane&) { return true; }));
        out.writePixels(last - y + 1);
    }
}

int main(int argc, char** argv)
{
    if (argc < 3) { fprintf(stderr, "usage: merge OUT.exr IN.exr...\n"); return 2; }
    try { merge(argv[1], argv + 2, argc - 2); }
    catch (const std::exception& error) { fprintf(stderr, "merge: %s\n", error.what()); return 1; }
}
