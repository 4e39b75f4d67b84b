// Planar images, files in memory, and reading and writing the one as the other through the reference library.
#pragma once

#include <ImfChannelList.h>
#include <ImfFrameBuffer.h>
#include <ImfHeader.h>
#include <ImfIO.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

struct Channel
{
    std::string    name;
    Imf::PixelType type    = Imf::HALF;
    int            xs      = 1;
    int            ys      = 1;
    bool           pLinear = false;

    size_t sampleSize () const { return type == Imf::HALF ? 2 : 4; }
    const char* typeName () const { return type == Imf::HALF ? "half" : type == Imf::FLOAT ? "float" : "uint"; }
};

inline int floorDiv (int a, int b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

// Multiples of `step` from `first` to `last`.
inline int multiples (int first, int last, int step)
{
    return floorDiv (last, step) - floorDiv (first - 1, step);
}

// A rectangle of samples: channel after channel (sorted by name, as files have them), line after line, little-endian.
struct Image
{
    int                  x = 0, y = 0, width = 0, height = 0;
    std::vector<Channel> channels;
    std::vector<char>    planar;

    int samplesPerLine (const Channel& c) const { return multiples (x, x + width - 1, c.xs); }
    int lines (const Channel& c) const { return multiples (y, y + height - 1, c.ys); }
    size_t channelBytes (const Channel& c) const { return c.sampleSize () * samplesPerLine (c) * lines (c); }

    size_t size () const
    {
        size_t total = 0;
        for (const Channel& c : channels) total += channelBytes (c);
        return total;
    }

    void allocate () { planar.assign (size (), 0); }

    // Slices that make the library read or write `planar`.
    Imf::FrameBuffer frameBuffer ()
    {
        Imf::FrameBuffer buffer;
        size_t           offset = 0;
        for (const Channel& c : channels)
        {
            const size_t xStride = c.sampleSize (), yStride = xStride * samplesPerLine (c);
            // The library addresses sample (X, Y) at base + (X / xs) * xStride + (Y / ys) * yStride.
            const int firstX = -floorDiv (-x, c.xs), firstY = -floorDiv (-y, c.ys);
            char*     base   = planar.data () + offset - ptrdiff_t (firstX) * ptrdiff_t (xStride) -
                         ptrdiff_t (firstY) * ptrdiff_t (yStride);
            buffer.insert (c.name, Imf::Slice (c.type, base, xStride, yStride, c.xs, c.ys));
            offset += channelBytes (c);
        }
        return buffer;
    }

    // The part of this image inside a chunk's rectangle.
    Image crop (int cx, int cy, int cwidth, int cheight) const
    {
        Image part;
        part.x = cx, part.y = cy, part.width = cwidth, part.height = cheight, part.channels = channels;
        size_t offset = 0;
        for (const Channel& c : channels)
        {
            const size_t pitch = c.sampleSize () * samplesPerLine (c);
            const int    left  = multiples (x, cx - 1, c.xs), top = multiples (y, cy - 1, c.ys);
            for (int line = 0; line < part.lines (c); ++line)
            {
                const char* from = planar.data () + offset + (top + line) * pitch + left * c.sampleSize ();
                part.planar.insert (part.planar.end (), from, from + c.sampleSize () * part.samplesPerLine (c));
            }
            offset += channelBytes (c);
        }
        return part;
    }
};

// A file in memory.
class MemoryOut : public Imf::OStream
{
public:
    explicit MemoryOut (std::vector<char>& bytes) : Imf::OStream ("memory"), _bytes (bytes) {}
    void write (const char c[], int n) override
    {
        if (_at + n > _bytes.size ()) _bytes.resize (_at + n);
        std::memcpy (_bytes.data () + _at, c, n);
        _at += n;
    }
    uint64_t tellp () override { return _at; }
    void     seekp (uint64_t at) override { _at = at; }

private:
    std::vector<char>& _bytes;
    uint64_t           _at = 0;
};

class MemoryIn : public Imf::IStream
{
public:
    explicit MemoryIn (const std::vector<char>& bytes) : Imf::IStream ("memory"), _bytes (bytes) {}
    bool read (char c[], int n) override
    {
        if (_at + n > _bytes.size ()) throw std::runtime_error ("read past the end");
        std::memcpy (c, _bytes.data () + _at, n);
        _at += n;
        return _at < _bytes.size ();
    }
    uint64_t tellg () override { return _at; }
    void     seekg (uint64_t at) override { _at = at; }

private:
    const std::vector<char>& _bytes;
    uint64_t                 _at = 0;
};

inline std::string jsonString (const std::string& text)
{
    std::string out = "\"";
    for (char c : text)
    {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

// "x", "y", "width", "height" and "channels" of a ChunkLayout, without braces.
inline std::string layoutJson (const Image& image)
{
    std::string text = "\"x\": " + std::to_string (image.x) + ", \"y\": " + std::to_string (image.y) +
                       ", \"width\": " + std::to_string (image.width) + ", \"height\": " + std::to_string (image.height) +
                       ", \"channels\": [";
    for (size_t i = 0; i < image.channels.size (); ++i)
    {
        const Channel& c = image.channels[i];
        text += std::string (i ? ", " : "") + "{ \"name\": " + jsonString (c.name) + ", \"type\": \"" + c.typeName () +
                "\", \"xSampling\": " + std::to_string (c.xs) + ", \"ySampling\": " + std::to_string (c.ys) +
                ", \"linear\": " + (c.pLinear ? "true" : "false") + " }";
    }
    return text + "]";
}
