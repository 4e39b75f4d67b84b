// What split and merge share: channels by view layer, and blocks of lines that several files read and write in place.
#pragma once
#include <ImfChannelList.h>
#include <ImfFrameBuffer.h>
#include <ImfHeader.h>
#include <ImfThreading.h>
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

/// Copies a header's attributes, except its channels.
inline Imf::Header withChannels(const Imf::Header& header, const Imf::ChannelList& channels)
{
    Imf::Header copy = header;
    copy.channels() = channels;
    return copy;
}
