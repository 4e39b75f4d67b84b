// pick IN.exr OUT.exr LAYER
// The channels of one layer, as an expert would write it with OpenEXR: all cores, blocks of lines. The yardstick for
// `exrpipe pick --layer`.
#include "layers.h"
#include <ImfInputFile.h>
#include <ImfOutputFile.h>
#include <cstdio>
#include <exception>

using namespace Imf;

static void pick(const char* path, const char* to, const std::string& layer)
{
    const int cores = useAllCores();
    InputFile in(path);
    const Imath::Box2i window = in.header().dataWindow();
    const int height = window.max.y - window.min.y + 1;
    const int lines = std::min(blockLines(cores), height);
    ChannelList own;
    const ChannelList& channels = in.header().channels();
    for (auto c = channels.begin(); c != channels.end(); ++c)
        if (std::string(c.name()).rfind(layer + ".", 0) == 0) own.insert(c.name(), c.channel());
    std::vector<Plane> planes = planesOf(own, size_t(window.max.x - window.min.x) + 1, size_t(lines));
    Header header = in.header();
    header.channels() = own;
    OutputFile out(to, header);

    for (int y = window.min.y; y <= window.max.y; y += lines)
    {
        const int last = std::min(y + lines - 1, window.max.y);
        const FrameBuffer buffer = frameBuffer(planes, window, y, [](const Plane&) { return true; });
        in.setFrameBuffer(buffer);
        in.readPixels(y, last);
        out.setFrameBuffer(buffer);
        out.writePixels(last - y + 1);
    }
}

int main(int argc, char** argv)
{
    if (argc != 4) { fprintf(stderr, "usage: pick IN.exr OUT.exr LAYER\n"); return 2; }
    try { pick(argv[1], argv[2], argv[3]); }
    catch (const std::exception& error) { fprintf(stderr, "pick: %s\n", error.what()); return 1; }
}
