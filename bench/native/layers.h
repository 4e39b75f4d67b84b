// What split and merge share: channels by view layer, and blocks of lines that several files read and write in place.
#pragma once
#include <ImfChannelList.h>
#include <ImfFrameBuffer.h>
#include <ImfHeader.h>
#include <ImfInputPart.h>
#include <ImfMultiPartInputFile.h>
#include <ImfThreading.h>
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

inline int useAllCores()
{
    const int cores = int(std::thread::hardware_concurrency());
    Imf::setGlobalThreadCount(cores);
    return cores;
}

/// Lines moved at once: two ZIP chunks (of 16 lines) for each core, so that all are busy and memory stays small.
inline int blockLines(int cores) { return 32 * cores; }

inline std::string layerOf(const std::string& channel) { return channel.substr(0, channel.find('.')); }

/// The lines of a block for one channel, one after the other. Readers and writers use the same memory: nothing is copied.
struct Plane
{
    std::string name;
    Imf::PixelType type;
    std::vector<char> lines;
};

inline size_t sampleSize(Imf::PixelType type) { return type == Imf::HALF ? 2 : 4; }

inline std::vector<Plane> planesOf(const Imf::ChannelList& channels, size_t width, size_t lines)
{
    std::vector<Plane> planes;
    for (auto c = channels.begin(); c != channels.end(); ++c)
        planes.push_back({c.name(), c.channel().type, std::vector<char>(width * lines * sampleSize(c.channel().type))});
    return planes;
}

/// A frame buffer over those planes that `wanted` accepts, for a block whose first line is `firstLine`.
template <typename Wanted>
Imf::FrameBuffer frameBuffer(std::vector<Plane>& planes, const Imath::Box2i& window, int firstLine, Wanted wanted)
{
    Imf::FrameBuffer buffer;
    const size_t width = size_t(window.max.x - window.min.x) + 1;
    for (Plane& plane : planes)
    {
        if (!wanted(plane)) continue;
        const size_t size = sampleSize(plane.type), line = size * width;
        char* const origin = plane.lines.data() - ptrdiff_t(window.min.x) * ptrdiff_t(size) - ptrdiff_t(firstLine) * ptrdiff_t(line);
        buffer.insert(plane.name, Imf::Slice(plane.type, origin, size, line));
    }
    return buffer;
}

/// The parts of files, one after the other: files of one part, or of a part for each pass.
struct Inputs
{
    std::vector<std::unique_ptr<Imf::MultiPartInputFile>> files;
    std::vector<Imf::InputPart> parts;

    Inputs(char** paths, int count)
    {
        for (int i = 0; i < count; i++)
        {
            files.push_back(std::make_unique<Imf::MultiPartInputFile>(paths[i]));
            for (int p = 0; p < files.back()->parts(); p++) parts.emplace_back(*files.back(), p);
        }
    }

    const Imf::Header& first() const { return parts.front().header(); }

    /// All channels of all parts, which have the same data window.
    Imf::ChannelList channels() const
    {
        Imf::ChannelList all;
        for (const Imf::InputPart& part : parts)
        {
            if (part.header().dataWindow() != first().dataWindow()) throw std::runtime_error("the data windows differ");
            const Imf::ChannelList& own = part.header().channels();
            for (auto c = own.begin(); c != own.end(); ++c) all.insert(c.name(), c.channel());
        }
        return all;
    }

    /// Reads lines of every part into its planes.
    void read(std::vector<Plane>& planes, int y, int last)
    {
        for (Imf::InputPart& part : parts)
        {
            const Imf::ChannelList& own = part.header().channels();
            part.setFrameBuffer(frameBuffer(planes, first().dataWindow(), y, [&](const Plane& p) { return own.findChannel(p.name) != nullptr; }));
            part.readPixels(y, last);
        }
    }
};

/// All attributes, of the first part that has one of the name, and the given channels; what only parts have goes.
inline Imf::Header joinedHeader(const Inputs& inputs, const Imf::ChannelList& channels)
{
    Imf::Header joined = inputs.first();
    for (const Imf::InputPart& part : inputs.parts)
        for (auto a = part.header().begin(); a != part.header().end(); ++a)
            if (joined.find(a.name()) == joined.end()) joined.insert(a.name(), a.attribute());
    for (const char* name : {"name", "chunkCount"})
        if (joined.find(name) != joined.end()) joined.erase(name);
    joined.channels() = channels;
    return joined;
}
