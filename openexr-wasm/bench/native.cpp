// The native side of the bench: times the reference library on one thread, file in memory.
//
//   bench <width> <height> <name:type,...> <planar file>
//
// Then one request per line on stdin, "encode <method>" or "decode <method>"; the answer on stdout is the seconds taken
// and the bytes of the packed file, or "unknown" for a method that this version lacks. A method is encoded once before it
// is decoded.

#include "image.h"

#include <ImfInputFile.h>
#include <ImfOutputFile.h>
#include <ImfThreading.h>
#include <OpenEXRConfig.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>

namespace
{

double seconds ()
{
    return std::chrono::duration<double> (std::chrono::steady_clock::now ().time_since_epoch ()).count ();
}

const std::map<std::string, Imf::Compression> methods = {
    {"none", Imf::NO_COMPRESSION}, {"rle", Imf::RLE_COMPRESSION},     {"zips", Imf::ZIPS_COMPRESSION},
    {"zip", Imf::ZIP_COMPRESSION}, {"piz", Imf::PIZ_COMPRESSION},     {"pxr24", Imf::PXR24_COMPRESSION},
    {"b44", Imf::B44_COMPRESSION}, {"b44a", Imf::B44A_COMPRESSION},   {"dwaa", Imf::DWAA_COMPRESSION},
    {"dwab", Imf::DWAB_COMPRESSION},
#if OPENEXR_VERSION_MAJOR > 3 || OPENEXR_VERSION_MINOR >= 5
    {"htj2k256", Imf::HTJ2K256_COMPRESSION}, {"htj2k32", Imf::HTJ2K32_COMPRESSION}, {"zstd", Imf::ZSTD_COMPRESSION},
#endif
};

double encode (Image& image, Imf::Compression method, std::vector<char>& file)
{
    Imf::Header header (image.width, image.height);
    header.compression () = method;
    for (const Channel& c : image.channels) header.channels ().insert (c.name, Imf::Channel (c.type));
    file.clear ();
    file.reserve (image.planar.size () * 2);
    const double started = seconds ();
    {
        MemoryOut       stream (file);
        Imf::OutputFile out (stream, header, 0);
        out.setFrameBuffer (image.frameBuffer ());
        out.writePixels (image.height);
    }
    return seconds () - started;
}

double decode (Image& image, const std::vector<char>& file)
{
    MemoryIn       stream (file);
    Imf::InputFile in (stream, 0);
    in.setFrameBuffer (image.frameBuffer ());
    const double started = seconds ();
    in.readPixels (0, image.height - 1);
    return seconds () - started;
}

} // namespace

int main (int argc, char** argv)
{
    if (argc != 5)
    {
        std::cerr << "usage: bench <width> <height> <name:type,...> <planar file>\n";
        return 2;
    }
    Imf::setGlobalThreadCount (0);
    Image image;
    image.width = std::stoi (argv[1]), image.height = std::stoi (argv[2]);
    std::stringstream list (argv[3]);
    for (std::string item; std::getline (list, item, ',');)
    {
        const size_t      colon = item.find (':');
        const std::string type  = item.substr (colon + 1);
        image.channels.push_back (
            {item.substr (0, colon), type == "half" ? Imf::HALF : type == "float" ? Imf::FLOAT : Imf::UINT});
    }
    std::ifstream planar (argv[4], std::ios::binary);
    image.planar.assign (std::istreambuf_iterator<char> (planar), {});
    if (image.planar.size () != image.size ())
    {
        std::cerr << "the planar file does not have the size of the image\n";
        return 1;
    }
    Image target = image;

    std::map<std::string, std::vector<char>> files;
    for (std::string verb, name; std::cin >> verb >> name;)
    {
        if (methods.count (name) == 0)
        {
            std::cout << "unknown" << std::endl;
            continue;
        }
        std::vector<char>& file = files[name];
        const double       time = verb == "encode" ? encode (image, methods.at (name), file) : decode (target, file);
        std::cout << time << " " << file.size () << std::endl;
    }
    return 0;
}
