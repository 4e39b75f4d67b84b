// make-frame WIDTH HEIGHT float|half CODEC OUT.exr [SEED [lost]]
// Writes a frame as a renderer would: three view layers of 35 channels each (105 in all) in one part: smooth shading with
// render noise, depth, normals, and Cryptomatte ranks with flat ID areas and soft edges, with manifests whose names hash to
// the IDs in the pixels, at every resolution the same.
// `half` makes colours half and leaves the rest float, as Blender does. `lost` leaves the Cryptomatte metadata out, as
// Blender's File Output node does.
#include <ImfChannelList.h>
#include <ImfCompression.h>
#include <ImfFrameBuffer.h>
#include <ImfHeader.h>
#include <ImfOutputFile.h>
#include <ImfStringAttribute.h>
#include <ImfThreading.h>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <half.h>
#include <string>
#include <thread>
#include <vector>

using namespace Imf;

static uint32_t hash(uint32_t x)
{
    x ^= x >> 16; x *= 0x7feb352dU; x ^= x >> 15; x *= 0x846ca68bU; return x ^ (x >> 16);
}
static float noise(uint32_t x, uint32_t y, uint32_t c) { return float(hash(x * 73856093u ^ y * 19349663u ^ c * 83492791u) >> 8) / 16777216.f; }

// Of Cryptomatte objects: every cell of a view layer's grid is one.
const int cellsPerLayer = 256, layerCount = 3, cellCount = cellsPerLayer * layerCount;
static std::string objectName(int cell) { return "object_" + std::to_string(cell); }

// MurmurHash3_x86_32 with seed 0, then the exponent kept clear of 0 and 255, as the Cryptomatte specification has it.
static uint32_t objectId(const std::string& name)
{
    const auto rotate = [](uint32_t x, int by) { return x << by | x >> (32 - by); };
    const auto mix = [&](uint32_t k) { return rotate(k * 0xcc9e2d51u, 15) * 0x1b873593u; };
    const size_t whole = name.size() & ~size_t(3);
    uint32_t h = 0, tail = 0;
    for (size_t i = 0; i < whole; i += 4)
    {
        uint32_t k;
        memcpy(&k, name.data() + i, 4);
        h = rotate(h ^ mix(k), 13) * 5 + 0xe6546b64u;
    }
    for (size_t i = whole; i < name.size(); i++) tail |= uint32_t(uint8_t(name[i])) << (8 * (i - whole));
    h ^= mix(tail) ^ uint32_t(name.size());
    h ^= h >> 16; h *= 0x85ebca6bu; h ^= h >> 13; h *= 0xc2b2ae35u; h ^= h >> 16;
    const uint32_t exponent = h >> 23 & 255;
    return exponent == 0 || exponent == 255 ? h ^ 1u << 23 : h;
}

static std::vector<float> objectIds()
{
    std::vector<float> ids(cellCount);
    for (int cell = 0; cell < cellCount; cell++)
    {
        const uint32_t id = objectId(objectName(cell));
        memcpy(&ids[cell], &id, 4);
    }
    return ids;
}

static std::string manifest(int layer)
{
    std::string text = "{";
    for (int cell = layer * cellsPerLayer; cell < (layer + 1) * cellsPerLayer; cell++)
    {
        char hex[9];
        snprintf(hex, sizeof hex, "%08x", objectId(objectName(cell)));
        text += (text.size() > 1 ? ",\"" : "\"") + objectName(cell) + "\":\"" + hex + "\"";
    }
    return text + "}";
}

struct Plane { std::string name; PixelType type; int kind, layer, index; std::vector<char> data; };
enum { COLOUR, ALPHA, DEPTH, NORMAL, ID, COVERAGE };

static Compression codecNamed(const std::string& n)
{
    const char* names[] = {"none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab"};
    for (int i = 0; i < 10; i++) if (n == names[i]) return Compression(i);
    fprintf(stderr, "unknown codec %s\n", n.c_str());
    exit(2);
}

static float value(const Plane& p, int x, int y, int w, int h, uint32_t seed)
{
    const float u = float(x) / w, v = float(y) / h;
    const float blob = std::sin(u * (7 + p.layer) + p.layer) * std::cos(v * (5 + p.layer));
    const bool inside = blob > -0.2f;
    switch (p.kind)
    {
        case COLOUR: return inside ? 0.4f + 0.3f * blob + 0.1f * p.index + 0.05f * noise(x, y, seed + p.index + 8 * p.layer) : 0.f;
        case ALPHA: return inside ? 1.f : 0.f;
        case DEPTH: return inside ? 10.f + 3.f * blob + u : 1e10f;
        case NORMAL: return inside ? std::sin(u * 9 + p.index) * 0.7f : 0.f;
        default: break;
    }
    static const std::vector<float> ids = objectIds();
    const int cell = int(u * 12 + p.layer) + 16 * int(v * 9) + cellsPerLayer * p.layer;
    const float edge = std::fabs(u * 12 - std::round(u * 12)) * 40;
    const int rank = p.index;
    if (!inside || (rank > 0 && edge > 1) || rank > 2) return 0.f;
    if (p.kind == COVERAGE) return edge > 1 ? 1.f : rank == 0 ? 0.5f + 0.5f * edge : rank == 1 ? 0.4f * (1 - edge) : 0.1f * (1 - edge);
    return ids[cell + rank];
}

int main(int argc, char** argv)
{
    if (argc < 6) { fprintf(stderr, "usage: make-frame WIDTH HEIGHT float|half CODEC OUT.exr [SEED [lost]]\n"); return 2; }
    const int w = atoi(argv[1]), h = atoi(argv[2]);
    const PixelType colour = !strcmp(argv[3], "half") ? HALF : FLOAT;
    const uint32_t seed = argc > 6 ? uint32_t(atoi(argv[6])) * 1000u : 0;
    const bool lost = argc > 7 && !strcmp(argv[7], "lost");
    setGlobalThreadCount(int(std::thread::hardware_concurrency()));
    Header head(w, h);
    head.compression() = codecNamed(argv[4]);
    std::vector<Plane> planes;
    const char* layers[] = {"BG", "Chars", "FG"};
    const char* keys[3][2] = {{"5db8bfa", "6051c1e"}, {"cb14cba", "1640536"}, {"4b8d1a7", "7f0e2c4"}};
    for (int l = 0; l < layerCount; l++)
    {
        const std::string layer = layers[l];
        auto add = [&](const std::string& n, PixelType t, int kind, int index) {
            planes.push_back({layer + "." + n, t, kind, l, index, std::vector<char>(size_t(w) * (t == HALF ? 2 : 4))});
        };
        for (int i = 0; i < 3; i++) add(std::string("Combined.") + "RGB"[i], colour, COLOUR, i);
        add("Combined.A", colour, ALPHA, 0);
        add("Depth.Z", FLOAT, DEPTH, 0);
        for (int i = 0; i < 3; i++) add(std::string("Normal.") + "XYZ"[i], FLOAT, NORMAL, i);
        for (int i = 0; i < 3; i++) add(std::string("DiffCol.") + "RGB"[i], colour, COLOUR, i + 3);
        const char* sets[] = {"CryptoObject", "CryptoMaterial"};
        for (int s = 0; s < 2; s++)
        {
            for (int r = 0; r < 3; r++)
                for (int c = 0; c < 4; c++)
                    add(std::string(sets[s]) + "0" + char('0' + r) + "." + "rgba"[c], FLOAT, c % 2 ? COVERAGE : ID, 2 * r + c / 2);
            if (lost) continue;
            const std::string key = std::string("cryptomatte/") + keys[l][s] + "/";
            head.insert(key + "name", StringAttribute(layer + "." + sets[s]));
            head.insert(key + "hash", StringAttribute("MurmurHash3_32"));
            head.insert(key + "conversion", StringAttribute("uint32_to_float32"));
            head.insert(key + "manifest", StringAttribute(manifest(l)));
        }
    }
    for (const Plane& p : planes) head.channels().insert(p.name, Channel(p.type));
    OutputFile out(argv[5], head);
    const int block = 64;
    for (int y0 = 0; y0 < h; y0 += block)
    {
        const int rows = std::min(block, h - y0);
        FrameBuffer fb;
        for (Plane& p : planes)
        {
            const size_t size = p.type == HALF ? 2 : 4;
            p.data.resize(size * w * rows);
            fb.insert(p.name, Slice(p.type, p.data.data() - size * w * y0, size, size * w));
        }
        auto fill = [&](size_t from) {
            for (size_t i = from; i < planes.size(); i += 2)
            {
                Plane& p = planes[i];
                for (int y = 0; y < rows; y++)
                    for (int x = 0; x < w; x++)
                    {
                        const float f = value(p, x, y0 + y, w, h, seed);
                        if (p.type == HALF) reinterpret_cast<half*>(p.data.data())[size_t(y) * w + x] = half(f);
                        else reinterpret_cast<float*>(p.data.data())[size_t(y) * w + x] = f;
                    }
            }
        };
        std::thread other(fill, 1);
        fill(0);
        other.join();
        out.setFrameBuffer(fb);
        out.writePixels(rows);
    }
}
