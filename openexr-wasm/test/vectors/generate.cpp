// Writes the test vectors: small images made here, packed by the reference library with every compression method, with
// digests of what the library decodes from each chunk.
//
// vectors.bin holds bytes; vectors.jsonl names them, one JSON object per line. First the originals ("name"): layout,
// offset and size of their planar samples. Then the chunks ("compression"): their image by index, their rectangle, offset
// and size of the packed bytes, and the SHA-256 digest of the planar samples the library decodes from them. The last line
// has the library's version and the digest of vectors.bin.

#include "image.h"
#include "sha256.h"

#include <ImfInputFile.h>
#include <ImfOutputFile.h>
#include <ImfTiledInputFile.h>
#include <ImfTiledOutputFile.h>
#include <OpenEXRConfig.h>
#include <half.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <iostream>

namespace
{

struct Method
{
    const char*      name;
    Imf::Compression id;
    int              lines; // per chunk
};

const Method methods[] = {
    {"none", Imf::NO_COMPRESSION, 1},      {"rle", Imf::RLE_COMPRESSION, 1},
    {"zips", Imf::ZIPS_COMPRESSION, 1},    {"zip", Imf::ZIP_COMPRESSION, 16},
    {"piz", Imf::PIZ_COMPRESSION, 32},     {"pxr24", Imf::PXR24_COMPRESSION, 16},
    {"b44", Imf::B44_COMPRESSION, 32},     {"b44a", Imf::B44A_COMPRESSION, 32},
    {"dwaa", Imf::DWAA_COMPRESSION, 32},   {"dwab", Imf::DWAB_COMPRESSION, 256},
};

struct Case
{
    std::string name;
    Image       image;
    int         tile = 0; // tile edge, or 0 for scan lines
};

// A small generator of its own, so that the vectors do not depend on a C library.
uint32_t random32 ()
{
    static uint64_t state = 0x2545f4914f6cdd1dull;
    state                 = state * 6364136223846793005ull + 1442695040888963407ull;
    return uint32_t (state >> 33);
}

float noise () { return float (random32 () & 0xffff) / 65536.0f; }

// Sample value of channel `c` at sample column i, line j.
using Paint = std::function<float (int c, int i, int j)>;

// Gradients with noise, and a flat patch: what a rendered beauty pass looks like to a codec.
float beauty (int c, int i, int j)
{
    if (i / 8 % 3 == 1 && j / 8 % 2 == 0) return 0.25f * float (c);
    return 0.02f * float (i) + 0.3f * std::sin (0.15f * float (j + 3 * c)) + 0.5f + 0.05f * noise ();
}

// Values of few levels: runs for RLE, flat blocks for B44A.
float steps (int c, int i, int j) { return float ((i / 9 + j / 5 + c) % 4) * 0.5f; }

Image paint (int x, int y, int width, int height, std::vector<Channel> channels, const Paint& value)
{
    Image image;
    image.x = x, image.y = y, image.width = width, image.height = height, image.channels = std::move (channels);
    for (size_t c = 0; c < image.channels.size (); ++c)
    {
        const Channel& channel = image.channels[c];
        for (int j = 0; j < image.lines (channel); ++j)
        {
            for (int i = 0; i < image.samplesPerLine (channel); ++i)
            {
                const float    v = value (int (c), i, j);
                char           bytes[4];
                const uint32_t u = uint32_t (int64_t (v * 1000));
                const half     h (v);
                if (channel.type == Imf::HALF) std::memcpy (bytes, &h, 2);
                else if (channel.type == Imf::FLOAT) std::memcpy (bytes, &v, 4);
                else std::memcpy (bytes, &u, 4);
                image.planar.insert (image.planar.end (), bytes, bytes + channel.sampleSize ());
            }
        }
    }
    return image;
}

// Arbitrary bit patterns around the corners of the number formats.
void spoil (Image& image)
{
    static const uint16_t halves[] = {0x0000, 0x8000, 0x0001, 0x8001, 0x03ff, 0x83ff, 0x0400, 0x8400, 0x3c00, 0xbc00,
                                      0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7c01, 0x7e00, 0x7fff, 0xfe01, 0x3555, 0x0200};
    static const uint32_t words[] = {0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x00800000,
                                     0x3f800000, 0xbf800000, 0x7f7fffff, 0xff7fffff, 0x7f7fff80, 0x7f800000,
                                     0xff800000, 0x7f800001, 0x7fc00000, 0xffc12345, 0x7f8000ff, 0x3f800080,
                                     0x3f800180, 0x477fefff, 0x477ff000, 0x33000000, 0x33000001, 0x387fe000};
    size_t offset = 0;
    for (const Channel& c : image.channels)
    {
        for (size_t at = 0; at < image.channelBytes (c); at += c.sampleSize ())
        {
            const uint32_t r = random32 ();
            uint32_t       v = 0;
            if (c.type == Imf::HALF) v = r % 4 ? halves[(r >> 8) % 20] : r >> 8;
            else v = r % 4 ? words[(r >> 8) % 24] : r * 2654435761u;
            std::memcpy (image.planar.data () + offset + at, &v, c.sampleSize ());
        }
        offset += image.channelBytes (c);
    }
}

std::vector<Case> cases ()
{
    using Imf::FLOAT, Imf::HALF, Imf::UINT;
    const Channel a {"A"}, b {"B"}, g {"G"}, r {"R"};
    const Channel y {"Y"}, by {"BY", HALF, 2, 2}, ry {"RY", HALF, 2, 2};

    std::vector<Case> all;
    all.push_back ({"rgba", paint (0, 0, 37, 35, {a, b, g, r}, beauty)});
    all.push_back ({"rgb-flat", paint (5, 3, 40, 33, {b, g, r}, steps)});
    all.push_back (
        {"mixed",
         paint (-7, -5, 21, 18, {{"N.X", FLOAT}, {"Z", FLOAT}, {"coverage"}, {"id", UINT}}, beauty)});
    all.push_back ({"float-rgb", paint (0, 0, 33, 17, {{"B", FLOAT}, {"G", FLOAT}, {"R", FLOAT}}, beauty)});
    all.push_back ({"luma-chroma", paint (-4, 6, 36, 22, {by, ry, y}, beauty)});
    all.push_back ({"sub-sampled-mix", paint (-6, -3, 24, 12, {{"a", FLOAT, 3, 1}, {"b", UINT, 1, 3}, {"c", HALF, 2, 3}, {"d"}}, beauty)});
    all.push_back ({"linear", paint (0, 0, 19, 13, {{"B", HALF, 1, 1, true}, {"G", HALF, 1, 1, true}, {"R", HALF, 1, 1, true}}, beauty)});
    all.push_back ({"one-line", paint (2, 100, 51, 1, {a, b, g, r}, beauty)});
    all.push_back ({"one-column", paint (0, 0, 1, 34, {g, {"R", FLOAT}}, beauty)});
    all.push_back ({"one-pixel", paint (0, 0, 1, 1, {{"Z", FLOAT}, {"id", UINT}, {"m"}}, beauty)});
    all.push_back ({"three-by-two", paint (0, 0, 3, 2, {a, g}, beauty)});
    all.push_back ({"wide", paint (0, 0, 401, 2, {y}, beauty)});

    Case edges {"edge-values", paint (0, 0, 29, 16, {{"f", FLOAT}, {"h"}, {"u", UINT}}, beauty)};
    spoil (edges.image);
    all.push_back (edges);
    Case edgeColours {"edge-colours", paint (0, 0, 18, 11, {a, b, g, {"L", HALF, 1, 1, true}, r}, beauty)};
    spoil (edgeColours.image);
    all.push_back (edgeColours);

    std::vector<Channel> many;
    for (int i = 0; i < 36; ++i)
    {
        const std::string number = std::string (1, char ('a' + i / 26)) + char ('a' + i % 26);
        many.push_back ({"layer." + number, i % 5 == 0 ? FLOAT : HALF});
    }
    all.push_back ({"many-channels", paint (0, 0, 6, 5, many, beauty)});
    all.push_back ({"layers",
                    paint (0, 0, 26, 9, {{"d.B"}, {"d.G"}, {"d.R"}, {"id", UINT}, {"s.A"}, {"s.B", FLOAT}, {"s.G", FLOAT}, {"s.R", FLOAT}, {"s.Z", FLOAT}}, beauty)});
    all.push_back ({"tiles", paint (-3, -2, 21, 19, {a, b, g, r, {"Z", FLOAT}}, beauty), 16});
    return all;
}

Imf::Header headerOf (const Case& c, const Method& method)
{
    const Image&      image = c.image;
    const Imath::Box2i window (
        Imath::V2i (image.x, image.y), Imath::V2i (image.x + image.width - 1, image.y + image.height - 1));
    Imf::Header header (window, window);
    header.compression () = method.id;
    for (const Channel& ch : image.channels)
        header.channels ().insert (ch.name, Imf::Channel (ch.type, ch.xs, ch.ys, ch.pLinear));
    if (c.tile) header.setTileDescription (Imf::TileDescription (c.tile, c.tile));
    return header;
}

class Writer
{
public:
    Writer (const char* index, const char* bin) : _index (index), _bin (bin, std::ios::binary) {}

    void image (const std::string& name, const Image& image)
    {
        _index << "{ \"name\": " << jsonString (name) << ", " << layoutJson (image);
        put (image.planar.data (), image.planar.size ());
        _index << " }\n";
    }

    void chunk (size_t index, const Method& method, const Image& decoded, const char* packed, size_t size)
    {
        _index << "{ \"compression\": \"" << method.name << "\", \"image\": " << index << ", \"x\": " << decoded.x
               << ", \"y\": " << decoded.y << ", \"width\": " << decoded.width << ", \"height\": " << decoded.height;
        put (packed, size);
        _index << ", \"decoded\": \"" << sha256 (decoded.planar.data (), decoded.planar.size ()) << "\" }\n";
    }

    void finish ()
    {
        _index << "{ \"library\": \"OpenEXR " OPENEXR_VERSION_STRING "\", \"sha256\": \""
               << sha256 (_bytes.data (), _bytes.size ()) << "\" }\n";
    }

private:
    void put (const char* data, size_t size)
    {
        _index << ", \"offset\": " << _bytes.size () << ", \"size\": " << size;
        _bin.write (data, std::streamsize (size));
        _bytes.append (data, size);
    }

    std::ofstream _index, _bin;
    std::string   _bytes; // all of _bin, for its digest
};

void scanLines (Writer& writer, size_t index, Case c, const Method& method)
{
    std::vector<char> file;
    {
        MemoryOut       stream (file);
        Imf::OutputFile out (stream, headerOf (c, method), 0);
        out.setFrameBuffer (c.image.frameBuffer ());
        out.writePixels (c.image.height);
    }
    MemoryIn       stream (file);
    Imf::InputFile in (stream, 0);
    Image          decoded = c.image;
    decoded.allocate ();
    in.setFrameBuffer (decoded.frameBuffer ());
    in.readPixels (c.image.y, c.image.y + c.image.height - 1);
    for (int line = 0; line < c.image.height; line += method.lines)
    {
        // The many chunks of the one-line methods repeat themselves: a selection will do.
        if (method.lines == 1 && line % 6 != 1 && line != c.image.height - 1) continue;
        const char* packed;
        int         size;
        in.rawPixelData (c.image.y + line, packed, size);
        const int lines = std::min (method.lines, c.image.height - line);
        writer.chunk (index, method, decoded.crop (c.image.x, c.image.y + line, c.image.width, lines), packed, size);
    }
}

void tiles (Writer& writer, size_t index, Case c, const Method& method)
{
    std::vector<char> file;
    {
        MemoryOut            stream (file);
        Imf::TiledOutputFile out (stream, headerOf (c, method), 0);
        out.setFrameBuffer (c.image.frameBuffer ());
        out.writeTiles (0, out.numXTiles () - 1, 0, out.numYTiles () - 1);
    }
    Image decoded = c.image;
    decoded.allocate ();
    MemoryIn            pixels (file), chunks (file);
    Imf::TiledInputFile in (pixels, 0);
    in.setFrameBuffer (decoded.frameBuffer ());
    in.readTiles (0, in.numXTiles () - 1, 0, in.numYTiles () - 1);
    // rawTileData gives the tiles in the order of the file and tells their coordinates.
    Imf::TiledInputFile raw (chunks, 0);
    for (int i = 0; i < raw.numXTiles () * raw.numYTiles (); ++i)
    {
        int         tx = 0, ty = 0, lx = 0, ly = 0, size;
        const char* packed;
        raw.rawTileData (tx, ty, lx, ly, packed, size);
        const Imath::Box2i box = in.dataWindowForTile (tx, ty);
        const int          width = box.max.x - box.min.x + 1, height = box.max.y - box.min.y + 1;
        writer.chunk (index, method, decoded.crop (box.min.x, box.min.y, width, height), packed, size);
    }
}

} // namespace

int main (int argc, char** argv)
{
    if (argc != 3)
    {
        std::cerr << "usage: generate <vectors.jsonl> <vectors.bin>\n";
        return 2;
    }
    const std::vector<Case> all = cases ();
    Writer                  writer (argv[1], argv[2]);
    for (const Case& c : all) writer.image (c.name, c.image);
    for (size_t i = 0; i < all.size (); ++i)
    {
        for (const Method& method : methods)
        {
            all[i].tile ? tiles (writer, i, all[i], method) : scanLines (writer, i, all[i], method);
        }
    }
    writer.finish ();
    return 0;
}
