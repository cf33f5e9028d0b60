// Stage 3 of 5: maps -> people. Third of three sources: the field between all pairs of peaks of all
// limbs; reference_people.score_limbs defines it. Values are interpolated where they are sampled.

#define FEWEST 5  // samples along a way
#define MOST 25
#define LEAST_SCORE 1e-6f  // a link counts above it

struct Limits {
    float sample;  // a sample counts above it
    float share;   // of the samples that must count
    float near;    // net pixels; a shorter way needs no limb
    float free;    // and has this score
};

__device__ int pixel_of(float place, int size) {
    return (int)fminf(fmaxf(floorf(place + 0.5f), 0.0f), (float)(size - 1));
}

// The mean over the samples that count, in their order along the way; -1 where too few do. visits:
// (MOST + 1, MOST), for so many samples, the order in which to take them: a wrong pair is given up
// after few samples that are far apart.
__device__ float pair_score(const Maps& maps, int channel_x, int channel_y, const float* from,
                            const float* to, const int* visits, Limits limits) {
    float dx = to[0] - from[0], dy = to[1] - from[1];
    float length = sqrtf(dx * dx + dy * dy);
    if (!(length > LEAST_SCORE && length < INFINITE)) return -1.0f;
    float refused = length < limits.near ? limits.free : -1.0f;
    float steps = floorf(sqrtf(5.0f * fmaxf(fabsf(dx), fabsf(dy))) + 0.5f);
    steps = fminf(fmaxf(steps, (float)FEWEST), (float)MOST);
    float along_x = dx / length, along_y = dy / length, step_x = dx / steps, step_y = dy / steps;
    float values[MOST];
    int samples = (int)steps, good = 0;
    for (int visit = 0; visit < samples; visit++) {
        int k = visits[samples * MOST + visit];
        int x = pixel_of(from[0] + (float)k * step_x, maps.width);
        int y = pixel_of(from[1] + (float)k * step_y, maps.height);
        values[k] =
            along_x * pixel_at(maps, channel_x, x, y) + along_y * pixel_at(maps, channel_y, x, y);
        good += values[k] > limits.sample;
        int at_most = good + samples - visit - 1;
        if (!((float)at_most / steps > limits.share)) return refused;
    }
    float total = 0.0f;
    for (int k = 0; k < samples; k++)
        if (values[k] > limits.sample) total += values[k];
    return total / (float)good;
}

// Blocks: (any number, limbs). limbs: (limbs, 4): first part, second part, channels of the field in x
// and y. kept, table: see sort_peaks. found: 0 when given; it counts all links, the first `capacity`
// of which, in no order, stand in index (capacity, 3), as limb, first peak, second peak, and scores.
extern "C" __global__ void score_limbs(const float* cells, const int* scales, const float* factors,
                                       int count, int width, int height, int copies,
                                       const int* limbs, const int* visits, const int* kept,
                                       const float* table, int rows, float sample, float share,
                                       float near, float free, int capacity, int* found, int* index,
                                       float* scores) {
    Maps maps = {cells, scales, factors, count, width, height, copies};
    Limits limits = {sample, share, near, free};
    int limb = blockIdx.y, first = limbs[4 * limb], second = limbs[4 * limb + 1];
    int others = min(kept[second], rows), pairs = min(kept[first], rows) * others;
    for (int pair = blockIdx.x * blockDim.x + threadIdx.x; pair < pairs;
         pair += gridDim.x * blockDim.x) {
        int a = pair / others, b = pair % others;
        float score = pair_score(maps, limbs[4 * limb + 2], limbs[4 * limb + 3],
                                 table + 3 * (first * rows + a), table + 3 * (second * rows + b),
                                 visits, limits);
        if (!(score > LEAST_SCORE)) continue;
        int slot = atomicAdd(found, 1);
        if (slot >= capacity) continue;
        index[3 * slot] = limb;
        index[3 * slot + 1] = a;
        index[3 * slot + 2] = b;
        scores[slot] = score;
    }
}
