// split IN.exr OUTFOLDER
// One file of one part for each view layer, whatever parts the input has, as an expert would write it with OpenEXR: all cores,
// blocks of lines that are read once into memory from which every output is written. The yardstick for
// `exrpipe split --by view-layer`.
#include "layers.h"
#include <ImfOutputFile.h>
#include <ImfStringAttribute.h>
#include <cstdio>
#include <exception>
#include <map>

using namespace Imf;

/// Leaves out the Cryptomattes of other view layers; a Cryptomatte's attributes share the key in their names.
static void keepOwnCryptomattes(Header& header, const std::string& layer)
{
    std::vector<std::string> foreign;
    for (auto a = header.begin(); a != header.end(); ++a)
    {
        const std::string name = a.name();
        const bool isName = name.rfind("cryptomatte/", 0) == 0 && name.size() > 5 && name.compare(name.size() - 5, 5, "/name") == 0;
        const auto* text = isName ? dynamic_cast<const StringAttribute*>(&a.attribute()) : nullptr;
        if (text && layerOf(text->value()) != layer) foreign.push_back(name.substr(0, name.size() - 4));
    }
    std::vector<std::string> names;
    for (auto a = header.begin(); a != header.end(); ++a)
        for (const std::string& key : foreign)
            if (std::string(a.name()).rfind(key, 0) == 0) names.push_back(a.name());
    for (const std::string& name : names) header.erase(name);
}

static void split(char* path, const std::string& folder)
{
    const int cores = useAllCores();
    Inputs in(&path, 1);
    const ChannelList channels = in.channels();
    const Imath::Box2i window = in.first().dataWindow();
    const int height = window.max.y - window.min.y + 1;
    const int lines = std::min(blockLines(cores), height);
    std::vector<Plane> planes = planesOf(channels, size_t(window.max.x - window.min.x) + 1, size_t(lines));

    std::map<std::string, ChannelList> layers;
    for (auto c = channels.begin(); c != channels.end(); ++c) layers[layerOf(c.name())].insert(c.name(), c.channel());
    std::map<std::string, std::unique_ptr<OutputFile>> outputs;
    for (const auto& [layer, own] : layers)
    {
        Header header = joinedHeader(in, own);
        keepOwnCryptomattes(header, layer);
        outputs[layer] = std::make_unique<OutputFile>((folder + "/" + layer + ".exr").c_str(), header);
    }

    for (int y = window.min.y; y <= window.max.y; y += lines)
    {
        const int last = std::min(y + lines - 1, window.max.y);
        in.read(planes, y, last);
        for (auto& [layer, out] : outputs)
        {
            const std::string& own = layer;
            out->setFrameBuffer(frameBuffer(planes, window, y, [&](const Plane& p) { return layerOf(p.name) == own; }));
            out->writePixels(last - y + 1);
        }
    }
}

int main(int argc, char** argv)
{
    if (argc != 3) { fprintf(stderr, "usage: split IN.exr OUTFOLDER\n"); return 2; }
    try { split(argv[1], argv[2]); }
    catch (const std::exception& error) { fprintf(stderr, "split: %s\n", error.what()); return 1; }
}
