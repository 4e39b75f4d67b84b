// Writes digests of PIZ chunks, piz.jsonl (make ../../dist/native/piz && ../../dist/native/piz piz.jsonl): images of many shapes and contents, which both sides can make from a few numbers, packed
// by the reference library. One JSON object per line: layout, kind and seed of the content, size and SHA-256 of the chunk.
// PIZ has one right encoding only (given the library's Huffman code lengths), so that digests are enough to judge both
// directions, and large chunks, with more than 2^14 values in use and with long codes, need not be committed.

#include "image.h"
#include "sha256.h"

#include <ImfOutputFile.h>
#include <ImfTiledInputFile.h>
#include <ImfTiledOutputFile.h>
#include <ImfInputFile.h>

#include <algorithm>
#include <fstream>

namespace
{

// The same as makeSamples in test/piz.test.ts.
void fill (Image& image, int kind, uint32_t seed)
{
    uint32_t   state = seed | 1;
    const auto count = image.planar.size () / 2;
    for (uint32_t i = 0; i < count; ++i)
    {
        state                = state * 1664525u + 1013904223u;
        const uint16_t noise = uint16_t (state >> 16);
        const uint32_t value[] = {
            0,
            i >> 5,
            0x3c00u + (noise & 15u),
            noise % 100 < 95 ? 0x3c00u : noise,
            noise & 0xff00u,
            i % 4 != 0 ? 0x3c00u + (noise & 3u) : noise,
            noise,
        };
        const uint16_t sample = uint16_t (value[kind]);
        std::memcpy (&image.planar[2 * i], &sample, 2);
    }
}

Image shape (int x, int y, int width, int height, std::vector<Channel> channels)
{
    Image image;
    image.x = x, image.y = y, image.width = width, image.height = height;
    for (size_t i = 0; i < channels.size (); ++i) channels[i].name = "c" + std::to_string (i);
    image.channels = channels;
    image.allocate ();
    return image;
}

// The image as one chunk: a tile, or, since tiles cannot be sub-sampled, a block of scan lines.
std::string pack (Image& image)
{
    const Imath::Box2i box (
        Imath::V2i (image.x, image.y), Imath::V2i (image.x + image.width - 1, image.y + image.height - 1));
    Imf::Header header (box, box);
    header.compression () = Imf::PIZ_COMPRESSION;
    bool subSampled       = false;
    for (const Channel& c : image.channels)
    {
        header.channels ().insert (c.name, Imf::Channel (c.type, c.xs, c.ys, c.pLinear));
        if (c.xs != 1 || c.ys != 1) subSampled = true;
    }
    std::vector<char> file;
    MemoryOut         out (file);
    MemoryIn          in (file);
    const char*       packed;
    int               size;
    if (subSampled)
    {
        {
            Imf::OutputFile writer (out, header);
            writer.setFrameBuffer (image.frameBuffer ());
            writer.writePixels (image.height);
        }
        Imf::InputFile reader (in);
        reader.rawPixelData (image.y, packed, size);
        return std::string (packed, size);
    }
    header.setTileDescription (Imf::TileDescription (image.width, image.height, Imf::ONE_LEVEL));
    {
        Imf::TiledOutputFile writer (out, header);
        writer.setFrameBuffer (image.frameBuffer ());
        writer.writeTile (0, 0);
    }
    Imf::TiledInputFile reader (in);
    int                 dx = 0, dy = 0, lx = 0, ly = 0;
    reader.rawTileData (dx, dy, lx, ly, packed, size);
    return std::string (packed, size);
}

} // namespace

int main (int argc, char** argv)
{
    if (argc != 2) return 1;
    const Channel half {"", Imf::HALF}, real {"", Imf::FLOAT}, whole {"", Imf::UINT};
    const Channel halfBy2 {"", Imf::HALF, 2, 2}, realBy2 {"", Imf::FLOAT, 2, 1};
    std::vector<Image> shapes = {
        shape (0, 0, 256, 64, {half, half, half}),
        shape (-3, 7, 101, 37, {half, real, half}),
        shape (5, 5, 64, 64, {whole, real}),
        shape (-6, -4, 34, 30, {half, halfBy2, realBy2}),
        shape (0, 0, 1, 500, {half}),
        shape (0, 0, 700, 2, {real, half}),
        shape (0, 0, 2, 3, {half, whole}),
        shape (0, 0, 256, 512, {half}),
        shape (1, 1, 301, 299, {real}),
    };
    std::ofstream text (argv[1]);
    uint32_t      seed = 1;
    for (Image& image : shapes)
    {
        for (int kind = 0; kind < 7; ++kind)
        {
            fill (image, kind, ++seed);
            const std::string packed = pack (image);
            text << "{ " << layoutJson (image) << ", \"kind\": " << kind << ", \"seed\": " << seed
                 << ", \"size\": " << packed.size () << ", \"sha256\": \"" << sha256 (packed.data (), packed.size ())
                 << "\" }\n";
        }
    }
    return text.good () ? 0 : 1;
}
