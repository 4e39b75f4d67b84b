// Writes every chunk of the flat parts of EXR files, packed and as the reference library decodes it, to stdout: for each
// chunk a line of JSON (file, part, compression, layout, byte counts), then the packed bytes, then the planar samples.
// Made for test/reference.ts, which compares them with what this package decodes.

#include "image.h"

#include <ImfInputPart.h>
#include <ImfMultiPartInputFile.h>
#include <ImfPartType.h>
#include <ImfTiledInputPart.h>
#include <ImfVersion.h>

#include <iostream>

namespace
{

const char* const names[] = {"none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab"};
const int         lines[] = {1, 1, 1, 16, 32, 16, 32, 32, 32, 256};

Image imageOf (const Imf::Header& header, const Imath::Box2i& box)
{
    Image image;
    image.x = box.min.x, image.y = box.min.y;
    image.width = box.max.x - box.min.x + 1, image.height = box.max.y - box.min.y + 1;
    for (auto c = header.channels ().begin (); c != header.channels ().end (); ++c)
    {
        const Imf::Channel& from = c.channel ();
        image.channels.push_back ({c.name (), from.type, from.xSampling, from.ySampling, from.pLinear});
    }
    image.allocate ();
    return image;
}

void put (const std::string& where, int method, const Image& decoded, const char* packed, int size)
{
    std::cout << "{ \"where\": " << jsonString (where) << ", \"compression\": \"" << names[method] << "\", "
              << layoutJson (decoded) << ", \"packed\": " << size << ", \"planar\": " << decoded.planar.size () << " }\n";
    std::cout.write (packed, size);
    std::cout.write (decoded.planar.data (), std::streamsize (decoded.planar.size ()));
}

void scanLines (const std::string& where, Imf::MultiPartInputFile& file, int number)
{
    Imf::InputPart     part (file, number);
    const Imf::Header& header = part.header ();
    const Imath::Box2i box    = header.dataWindow ();
    const int          method = header.compression ();
    Image              image  = imageOf (header, box);
    part.setFrameBuffer (image.frameBuffer ());
    part.readPixels (box.min.y, box.max.y);
    for (int y = box.min.y; y <= box.max.y; y += lines[method])
    {
        const char* packed;
        int         size;
        part.rawPixelData (y, packed, size);
        put (where, method, image.crop (box.min.x, y, image.width, std::min (lines[method], box.max.y - y + 1)), packed, size);
    }
}

// `file` for pixels, `raw` for chunks: rawTileData goes through a single-part file from where it stands.
void tiles (const std::string& where, Imf::MultiPartInputFile& file, Imf::MultiPartInputFile& raw, int number)
{
    Imf::TiledInputPart part (file, number), chunks (raw, number);
    const Imf::Header&  header = part.header ();
    const bool          rip    = part.levelMode () == Imf::RIPMAP_LEVELS;
    std::vector<Image>  levels;
    int                 count = 0;
    for (int ly = 0; ly < part.numYLevels (); ++ly)
    {
        for (int lx = 0; lx < part.numXLevels (); ++lx)
        {
            levels.emplace_back ();
            if (!rip && lx != ly) continue;
            levels.back () = imageOf (header, part.dataWindowForLevel (lx, ly));
            part.setFrameBuffer (levels.back ().frameBuffer ());
            part.readTiles (0, part.numXTiles (lx) - 1, 0, part.numYTiles (ly) - 1, lx, ly);
            count += part.numXTiles (lx) * part.numYTiles (ly);
        }
    }
    const bool multiPart = file.parts () > 1 || Imf::isMultiPart (file.version ());
    int        tx = 0, ty = 0, lx = 0, ly = 0;
    for (int i = 0; i < count; ++i)
    {
        int         dx = tx, dy = ty, dlx = lx, dly = ly, size;
        const char* packed;
        chunks.rawTileData (dx, dy, dlx, dly, packed, size);
        const Imath::Box2i box = part.dataWindowForTile (dx, dy, dlx, dly);
        const Image&       level = levels[size_t (dly * part.numXLevels () + dlx)];
        const int          width = box.max.x - box.min.x + 1, height = box.max.y - box.min.y + 1;
        put (where, header.compression (), level.crop (box.min.x, box.min.y, width, height), packed, size);
        if (!multiPart) continue;
        // A multi-part file gives the tile asked for: go to the next one.
        if (++tx < part.numXTiles (lx)) continue;
        tx = 0;
        if (++ty < part.numYTiles (ly)) continue;
        ty = 0;
        if (++lx < part.numXLevels () && rip) continue;
        if (rip) lx = 0, ++ly;
        else ly = lx;
    }
}

} // namespace

int main (int argc, char** argv)
{
    for (int i = 1; i < argc; ++i)
    {
        try
        {
            Imf::MultiPartInputFile file (argv[i], 0), raw (argv[i], 0);
            for (int part = 0; part < file.parts (); ++part)
            {
                const std::string where = std::string (argv[i]) + " part " + std::to_string (part);
                try
                {
                    const Imf::Header& header = file.header (part);
                    if (header.hasType () && Imf::isDeepData (header.type ())) std::cerr << where << ": deep, skipped\n";
                    else if (header.hasTileDescription ()) tiles (where, file, raw, part);
                    else scanLines (where, file, part);
                }
                catch (const std::exception& error)
                {
                    std::cerr << where << ": the reference library refuses: " << error.what () << "\n";
                }
            }
        }
        catch (const std::exception& error)
        {
            std::cerr << argv[i] << ": the reference library refuses: " << error.what () << "\n";
        }
    }
    return 0;
}
