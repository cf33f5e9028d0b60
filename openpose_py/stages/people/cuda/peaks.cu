// Stage 3 of 5: maps -> people. Second of three sources: peaks; reference_maps.find_peaks defines them.
//
// A block has one tile of one part: it leaves at once if no pixel of the tile can be above the
// threshold, else it enlarges the tile, looks for maxima and moves them to their centres of mass.
// The enlarged maps exist in shared memory only, one tile at a time.

#define TILE_WIDTH 32
#define TILE_HEIGHT 16
#define WINDOW 3                           // pixels to each side that move a peak
#define ROOM_WIDTH (TILE_WIDTH + 2 * WINDOW)    // the tile and what its peaks look at
#define ROOM_HEIGHT (TILE_HEIGHT + 2 * WINDOW)
#define STRIP 8                            // rows that one thread enlarges in one go

__device__ bool is_finite(float value) { return fabsf(value) < INFINITE; }

// Whether the mean over the scales can be above the threshold at pixels left..right, top..bottom.
// weights: (count, 2), the largest sums over the 4 x 4 cells of the positive and of the negative
// weights of a pixel, rounded up.
__device__ bool can_exceed(const Maps& maps, const float* weights, int part, int left, int top,
                           int right, int bottom, float threshold) {
    __shared__ int highest, deepest;  // bits of floats that are not negative: ordered like them
    float total = 0.0f;
    for (int scale = 0; scale < maps.count; scale++) {
        if (threadIdx.x == 0) highest = deepest = 0;
        __syncthreads();
        int height = maps.scales[3 * scale + 1], width = maps.scales[3 * scale + 2];
        float factor_x = maps.factors[2 * scale], factor_y = maps.factors[2 * scale + 1];
        int first_x = max(place_of(left, factor_x, width).before - 1, 0);
        int last_x = min(place_of(right, factor_x, width).before + 2, width - 1);
        int first_y = max(place_of(top, factor_y, height).before - 1, 0);
        int last_y = min(place_of(bottom, factor_y, height).before + 2, height - 1);
        int columns = last_x - first_x + 1, cells = columns * (last_y - first_y + 1);
        const float* heat = heat_of(maps, scale, part);
        float up = 0.0f, down = 0.0f;
        for (int cell = threadIdx.x; cell < cells; cell += blockDim.x) {
            float value = heat[(first_y + cell / columns) * width + first_x + cell % columns];
            up = is_finite(value) ? fmaxf(up, value) : INFINITE;
            down = fmaxf(down, is_finite(value) ? -value : 0.0f);
            if (up == INFINITE) break;
        }
        if (up > 0.0f) atomicMax(&highest, __float_as_int(up));
        if (down > 0.0f) atomicMax(&deepest, __float_as_int(down));
        __syncthreads();
        total += weights[2 * scale] * __int_as_float(highest) +
                 weights[2 * scale + 1] * __int_as_float(deepest);
        __syncthreads();
    }
    return total / (float)maps.count > threshold;
}

// Enlarges rows first..last of one column of the room, whose upper left pixel is (left, top) of the
// picture; 0 outside of the picture.
__device__ void fill_strip(const Maps& maps, int part, int left, int top, int column, int first,
                           int last, float room[ROOM_HEIGHT][ROOM_WIDTH]) {
    int x = left + column;
    for (int row = first; row <= last; row++) room[row][column] = 0.0f;
    if (x < 0 || x >= maps.width) return;
    first = max(first, -top);
    last = min(last, maps.height - 1 - top);
    if (maps.copies) {
        for (int row = first; row <= last; row++)
            room[row][column] = pixel_at(maps, part, x, top + row);
        return;
    }
    for (int scale = 0; scale < maps.count; scale++) {
        int height = maps.scales[3 * scale + 1], width = maps.scales[3 * scale + 2];
        Place across_x = place_of(x, maps.factors[2 * scale], width);
        const float* heat = heat_of(maps, scale, part);
        int held = -1;
        Four rows = {0.0f, 0.0f, 0.0f, 0.0f};
        for (int row = first; row <= last; row++) {
            Place y = place_of(top + row, maps.factors[2 * scale + 1], height);
            if (y.before != held) rows = four_rows(heat, height, width, y.before, across_x);
            held = y.before;
            room[row][column] += across(rows, y.way);
        }
    }
    if (maps.count == 1) return;
    for (int row = first; row <= last; row++) room[row][column] /= (float)maps.count;
}

// Whether a pixel of the room is above the threshold and strictly above its 8 neighbours.
__device__ bool wins(const float room[ROOM_HEIGHT][ROOM_WIDTH], int column, int row,
                     float threshold) {
    float value = room[row][column];
    if (!(value > threshold)) return false;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            if ((dx || dy) && !(value > room[row + dy][column + dx])) return false;
    return true;
}

// peak: x, y, score; x and y are those of the centre of mass of the positive values round (x, y).
__device__ void centre(const float room[ROOM_HEIGHT][ROOM_WIDTH], int column, int row, int x, int y,
                       float offset, float* peak) {
    float sum_x = 0.0f, sum_y = 0.0f, total = 0.0f;
    for (int dy = -WINDOW; dy <= WINDOW; dy++) {
        for (int dx = -WINDOW; dx <= WINDOW; dx++) {
            float value = room[row + dy][column + dx];
            if (value > 0.0f) {
                sum_x += (float)(x + dx) * value;
                sum_y += (float)(y + dy) * value;
                total += value;
            }
        }
    }
    peak[0] = sum_x / total + offset;
    peak[1] = sum_y / total + offset;
    peak[2] = room[row][column];
}

// Blocks: (tiles in a row, rows of tiles, parts). found: (parts,), 0 when given; it counts all peaks
// of a part, the first `capacity` of which, in no order, stand in places (parts, capacity), as
// y * width + x, and peaks (parts, capacity, 3).
extern "C" __global__ void find_peaks(const float* cells, const int* scales, const float* factors,
                                      int count, int width, int height, int copies,
                                      const float* weights, float threshold, float offset,
                                      int capacity, int* found, int* places, float* peaks) {
    __shared__ float room[ROOM_HEIGHT][ROOM_WIDTH];
    Maps maps = {cells, scales, factors, count, width, height, copies};
    int part = blockIdx.z, left = blockIdx.x * TILE_WIDTH, top = blockIdx.y * TILE_HEIGHT;
    int right = min(left + TILE_WIDTH, width) - 1, bottom = min(top + TILE_HEIGHT, height) - 1;
    if (!can_exceed(maps, weights, part, left, top, right, bottom, threshold)) return;
    int strips = (ROOM_HEIGHT + STRIP - 1) / STRIP * ROOM_WIDTH;
    for (int strip = threadIdx.x; strip < strips; strip += blockDim.x) {
        int first = strip / ROOM_WIDTH * STRIP, last = min(first + STRIP, ROOM_HEIGHT) - 1;
        fill_strip(maps, part, left - WINDOW, top - WINDOW, strip % ROOM_WIDTH, first, last, room);
    }
    __syncthreads();
    for (int pixel = threadIdx.x; pixel < TILE_WIDTH * TILE_HEIGHT; pixel += blockDim.x) {
        int x = left + pixel % TILE_WIDTH, y = top + pixel / TILE_WIDTH;
        if (x < 1 || x > width - 2 || y < 1 || y > height - 2) continue;
        int column = x - left + WINDOW, row = y - top + WINDOW;
        if (!wins(room, column, row, threshold)) continue;
        int slot = atomicAdd(&found[part], 1);
        if (slot >= capacity) continue;
        places[part * capacity + slot] = y * width + x;
        centre(room, column, row, x, y, offset, peaks + 3 * (part * capacity + slot));
    }
}

// Blocks: (parts). Puts the peaks of find_peaks in raster order, keeps the first `most` of a part (0:
// all) and of those the finite ones. kept: (parts,), 0 when given; it counts them all, the first
// `rows` of which stand in table (parts, rows, 3).
extern "C" __global__ void sort_peaks(int capacity, int rows, int most, const int* found,
                                      const int* places, const float* peaks, int* kept,
                                      float* table) {
    int part = blockIdx.x, count = min(found[part], capacity);
    places += part * capacity;
    peaks += 3 * part * capacity;
    for (int own = threadIdx.x; own < count; own += blockDim.x) {
        const float* peak = peaks + 3 * own;
        if (!is_finite(peak[0]) || !is_finite(peak[1]) || !is_finite(peak[2])) continue;
        int before = 0, finite_before = 0;
        for (int other = 0; other < count; other++) {
            if (places[other] >= places[own]) continue;
            const float* earlier = peaks + 3 * other;
            before++;
            finite_before += is_finite(earlier[0]) && is_finite(earlier[1]) && is_finite(earlier[2]);
        }
        if (most > 0 && before >= most) continue;
        atomicAdd(&kept[part], 1);
        if (finite_before >= rows) continue;
        for (int value = 0; value < 3; value++)
            table[3 * (part * rows + finite_before) + value] = peak[value];
    }
}
