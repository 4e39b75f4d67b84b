// merge OUT.exr IN.exr…
// Files of the same size in one, as an expert would write it with OpenEXR: all cores, blocks of lines read into the memory
// from which the output is written. The yardstick for `exrpipe merge`.
#include "layers.h"
#include <ImfInputFile.h>
#include <ImfOutputFile.h>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>

using namespace Imf;

/// All attributes; the first file's where several have one of the same name.
static Header joinedHeader(const std::vector<std::unique_ptr<InputFile>>& inputs)
{
    Header joined = inputs.front()->header();
    for (const auto& in : inputs)
    {
        const Header& header = in->header();
        if (header.dataWindow() != joined.dataWindow()) throw std::runtime_error("the data windows differ");
        for (auto a = header.begin(); a != header.end(); ++a)
            if (joined.find(a.name()) == joined.end()) joined.insert(a.name(), a.attribute());
        for (auto c = header.channels().begin(); c != header.channels().end(); ++c)
            joined.channels().insert(c.name(), c.channel());
    }
    return joined;
}

static void merge(const char* path, char** files, int count)
{
    const int cores = useAllCores();
    std::vector<std::unique_ptr<InputFile>> inputs;
    for (int i = 0; i < count; i++) inputs.push_back(std::make_unique<InputFile>(files[i]));
    const Header joined = joinedHeader(inputs);
    const Imath::Box2i window = joined.dataWindow();
    const int height = window.max.y - window.min.y + 1;
    const int lines = std::min(blockLines(cores), height);
    std::vector<Plane> planes = planesOf(joined.channels(), size_t(window.max.x - window.min.x) + 1, size_t(lines));
    OutputFile out(path, joined);

    for (int y = window.min.y; y <= window.max.y; y += lines)
    {
        const int last = std::min(y + lines - 1, window.max.y);
        for (const auto& in : inputs)
        {
            const ChannelList& own = in->header().channels();
            in->setFrameBuffer(frameBuffer(planes, window, y, [&](const Plane& p) { return own.findChannel(p.name) != nullptr; }));
            in->readPixels(y, last);
        }
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
