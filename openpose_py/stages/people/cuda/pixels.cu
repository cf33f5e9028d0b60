// Stage 3 of 5: maps -> people. First of three sources: single net pixels of the upsampled maps.
//
// The three are compiled as one, in the order pixels, peaks, limbs, without fused multiply-add:
// every operation is rounded by itself, as in reference_maps.upsample. Kernels go over their work in
// strides of the block, so any number of threads, one too, gives the same answers.

#define INFINITE __int_as_float(0x7f800000)

struct Place {
    int before;  // the cell before a net pixel
    float way;   // from there to the pixel, in cells
};

// The maps of all scales, and the size of the picture that they are enlarged to.
struct Maps {
    const float* cells;    // one scale after another, each (channels, height, width)
    const int* scales;     // (count, 3): where a scale begins, its height, its width
    const float* factors;  // (count, 2): net pixels a cell, in x and y
    int count;
    int width, height;  // net pixels
    int copies;         // not 0: one scale at its own size, nothing to interpolate
};

__device__ int clamped(int value, int least, int most) {
    return value < least ? least : value > most ? most : value;
}

__device__ Place place_of(int pixel, float factor, int cells) {
    float at = ((float)pixel + 0.5f) / factor - 0.5f;
    int before = clamped((int)floorf(at), 0, cells - 1);
    return {before, at - (float)before};
}

// Catmull-Rom at `way` after v1, operation by operation in OpenPose's order.
__device__ float cubic(float v0, float v1, float v2, float v3, float way) {
    float cube = -0.5f * v0 + 1.5f * v1 - 1.5f * v2 + 0.5f * v3;
    float square = v0 - 2.5f * v1 + 2.0f * v2 - 0.5f * v3;
    return cube * way * way * way + square * way * way - 0.5f * (v0 - v2) * way + v1;
}

// Along one row of cells; the outermost ones are repeated at the borders.
__device__ float along(const float* line, int width, Place x) {
    int after = min(x.before + 1, width - 1);
    return cubic(line[max(x.before - 1, 0)], line[x.before], line[after],
                 line[min(after + 1, width - 1)], x.way);
}

// The four rows of cells round a row of pixels, each interpolated at one column.
struct Four {
    float v0, v1, v2, v3;
};

__device__ Four four_rows(const float* heat, int height, int width, int row, Place x) {
    int after = min(row + 1, height - 1);
    return {along(heat + max(row - 1, 0) * width, width, x), along(heat + row * width, width, x),
            along(heat + after * width, width, x),
            along(heat + min(after + 1, height - 1) * width, width, x)};
}

__device__ float across(Four rows, float way) {
    return cubic(rows.v0, rows.v1, rows.v2, rows.v3, way);
}

// The channel of one scale.
__device__ const float* heat_of(const Maps& maps, int scale, int channel) {
    const int* about = maps.scales + 3 * scale;
    return maps.cells + about[0] + channel * about[1] * about[2];
}

// The value at one net pixel: the mean over the scales.
__device__ float pixel_at(const Maps& maps, int channel, int x, int y) {
    if (maps.copies) return heat_of(maps, 0, channel)[y * maps.width + x];
    float total = 0.0f;
    for (int scale = 0; scale < maps.count; scale++) {
        int height = maps.scales[3 * scale + 1], width = maps.scales[3 * scale + 2];
        Place column = place_of(x, maps.factors[2 * scale], width);
        Place row = place_of(y, maps.factors[2 * scale + 1], height);
        const float* heat = heat_of(maps, scale, channel);
        total += across(four_rows(heat, height, width, row.before, column), row.way);
    }
    return maps.count > 1 ? total / (float)maps.count : total;
}
