// SHA-256 (FIPS 180-4), for digests of reference pixels.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

inline std::string sha256 (const char* data, size_t size)
{
    // Fractional parts of the cube roots of the first 64 primes, and of the square roots of the first 8, in integer
    // arithmetic: the largest r with r^3 <= p * 2^96 (r^2 <= p * 2^64); its low 32 bits are the fraction.
    using Wide = unsigned __int128;
    static const auto constants = [] {
        std::array<uint32_t, 72> all {};
        int                      found = 0;
        for (uint32_t p = 2; found < 64; ++p)
        {
            bool prime = true;
            for (uint32_t q = 2; q * q <= p; ++q)
                if (p % q == 0) prime = false;
            if (!prime) continue;
            uint64_t cube = 0, square = 0;
            for (int bit = 35; bit >= 0; --bit)
            {
                const uint64_t c = cube | (uint64_t (1) << bit), s = square | (uint64_t (1) << bit);
                if (Wide (c) * c * c <= Wide (p) << 96) cube = c;
                if (Wide (s) * s <= Wide (p) << 64) square = s;
            }
            all[found] = uint32_t (cube);
            if (found < 8) all[64 + found] = uint32_t (square);
            ++found;
        }
        return all;
    }();

    uint32_t h[8];
    for (int i = 0; i < 8; ++i) h[i] = constants[64 + i];
    std::vector<uint8_t> message (data, data + size);
    message.push_back (0x80);
    while (message.size () % 64 != 56) message.push_back (0);
    for (int i = 7; i >= 0; --i) message.push_back (uint8_t ((uint64_t (size) * 8) >> (8 * i)));

    const auto rotate = [] (uint32_t x, int n) { return (x >> n) | (x << (32 - n)); };
    for (size_t at = 0; at < message.size (); at += 64)
    {
        uint32_t w[64];
        for (int i = 0; i < 16; ++i)
        {
            const uint8_t* b = &message[at + 4 * i];
            w[i] = uint32_t (b[0]) << 24 | uint32_t (b[1]) << 16 | uint32_t (b[2]) << 8 | b[3];
        }
        for (int i = 16; i < 64; ++i)
        {
            const uint32_t s0 = rotate (w[i - 15], 7) ^ rotate (w[i - 15], 18) ^ (w[i - 15] >> 3);
            const uint32_t s1 = rotate (w[i - 2], 17) ^ rotate (w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        uint32_t v[8];
        for (int i = 0; i < 8; ++i) v[i] = h[i];
        for (int i = 0; i < 64; ++i)
        {
            const uint32_t s1 = rotate (v[4], 6) ^ rotate (v[4], 11) ^ rotate (v[4], 25);
            const uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[i] + w[i];
            const uint32_t s0 = rotate (v[0], 2) ^ rotate (v[0], 13) ^ rotate (v[0], 22);
            const uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            for (int k = 7; k > 0; --k) v[k] = v[k - 1];
            v[4] += t1;
            v[0] = t1 + t2;
        }
        for (int i = 0; i < 8; ++i) h[i] += v[i];
    }
    std::string hex;
    for (uint32_t word : h)
    {
        char digits[9];
        std::snprintf (digits, sizeof digits, "%08x", word);
        hex += digits;
    }
    return hex;
}
