// The words of CUDA that the kernels use, for a C++ compiler, so that a machine without a GPU runs
// the very same sources. A block's threads are threads here; blocks run one after another, backwards,
// because their order must not matter.
//
// g++ -std=c++20 -O2 -ffp-contract=off -shared -fPIC -pthread

#pragma once
#include <algorithm>
#include <atomic>
#include <barrier>
#include <cmath>
#include <cstring>
#include <thread>
#include <vector>

using std::max;
using std::min;

#define __global__
#define __device__ static inline
#define __shared__ static

struct Index {
    unsigned x, y, z;
};
static thread_local Index blockIdx, threadIdx;
static Index gridDim, blockDim;
static std::barrier<>* threads_of_block;

static void __syncthreads() { threads_of_block->arrive_and_wait(); }
static int atomicAdd(int* at, int value) { return std::atomic_ref<int>(*at).fetch_add(value); }
static int atomicMax(int* at, int value) {
    std::atomic_ref<int> held(*at);
    int before = held.load();
    while (before < value && !held.compare_exchange_weak(before, value)) {
    }
    return before;
}
static int __float_as_int(float value) {
    int bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}
static float __int_as_float(int bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// on_cpu<kernel>::run(blocks in x, y, z, threads of a block, the kernel's arguments)
template <auto kernel>
struct on_cpu;
template <class... T, void (*kernel)(T...)>
struct on_cpu<kernel> {
    static void run(unsigned x, unsigned y, unsigned z, unsigned threads, T... arguments) {
        std::barrier<> together(threads);
        threads_of_block = &together;
        gridDim = {x, y, z};
        blockDim = {threads, 1, 1};
        auto all_blocks = [=](unsigned thread) {
            threadIdx = {thread, 0, 0};
            for (unsigned block = x * y * z; block-- > 0;) {
                blockIdx = {block % x, block / x % y, block / (x * y)};
                kernel(arguments...);
                __syncthreads();
            }
        };
        std::vector<std::thread> others;
        for (unsigned thread = 1; thread < threads; thread++) others.emplace_back(all_blocks, thread);
        all_blocks(0);
        for (std::thread& other : others) other.join();
    }
};
