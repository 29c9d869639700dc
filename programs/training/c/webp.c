// webp: draws a picture of its own, packs it with losses and without, and unpacks both.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/webp/decode.h"
#include "src/webp/encode.h"

enum { WIDTH = 160, HEIGHT = 120 };

// Rings on a slope, a few flat boxes, and noise in a corner.
static void draw(uint8_t *pixels)
{
    unsigned noise = 1;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            uint8_t *pixel = pixels + 3 * (y * WIDTH + x);
            double distance = sqrt((x - 50.0) * (x - 50.0) + (y - 60.0) * (y - 60.0));
            pixel[0] = (uint8_t)(127 + 120 * sin(distance / 6));
            pixel[1] = (uint8_t)(x + y / 2);
            pixel[2] = (x / 40 + y / 30) % 3 == 0 ? 200 : (uint8_t)(255 - y);
            if (x > 120 && y > 80) {
                noise = noise * 1664525 + 1013904223;
                pixel[1] ^= noise >> 27;
            }
        }
}

// Unpacks and returns the sum of the squares of all differences.
static double loss(const uint8_t *pixels, const uint8_t *packed, size_t length)
{
    int width, height;
    double sum = 0;
    uint8_t *again = WebPDecodeRGB(packed, length, &width, &height);
    if (again == NULL || width != WIDTH || height != HEIGHT) {
        fprintf(stderr, "webp: does not unpack\n");
        exit(1);
    }
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
        sum += (pixels[i] - again[i]) * (pixels[i] - again[i]);
    WebPFree(again);
    return sum;
}

int main(void)
{
    static uint8_t pixels[3 * WIDTH * HEIGHT];
    static const float qualities[] = {40, 75, 90};
    uint8_t *packed;
    size_t length;
    draw(pixels);
    for (int i = 0; i < 3; i++) {
        length = WebPEncodeRGB(pixels, WIDTH, HEIGHT, 3 * WIDTH, qualities[i], &packed);
        printf("quality %g: %zu bytes, loss %.0f\n", (double)qualities[i], length, loss(pixels, packed, length));
        WebPFree(packed);
    }
    length = WebPEncodeLosslessRGB(pixels, WIDTH, HEIGHT, 3 * WIDTH, &packed);
    printf("lossless: %zu bytes, loss %.0f\n", length, loss(pixels, packed, length));
    WebPFree(packed);
    return 0;
}
