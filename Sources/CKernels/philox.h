/* Sixteen blocks of Philox4x32-10 side by side (Salmon et al. 2011), for code that needs millions of random bits. */

struct philox_words {
    word_lanes x, y, z, w;
};

/* Even and odd lanes are multiplied apart, as 64-bit lanes with a zero upper half: one instruction each. */
INLINE void full_width_product(word_lanes words, uint64_t multiplier, word_lanes *high, word_lanes *low) {
    const uint64_t lower_half = 0xFFFFFFFF;
    long_lanes pairs = (long_lanes)words;
    long_lanes even = (pairs & lower_half) * multiplier;
    long_lanes odd = (pairs >> 32) * multiplier;
    *high = (word_lanes)((even >> 32) | (odd & ~lower_half));
    *low = (word_lanes)((even & lower_half) | (odd << 32));
}

/* The words at the counters (first + lane, y, z, w), word by word. */
INLINE struct philox_words philox(const struct fast_electra_stream *stream, uint32_t first) {
    const word_lanes count = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct philox_words block = {count + first, (word_lanes)stream->y, (word_lanes)stream->z, (word_lanes)stream->w};
    uint32_t key0 = stream->key[0], key1 = stream->key[1];
    for (int round = 0; round < 10; round++) {
        word_lanes first_high, first_low, second_high, second_low;
        full_width_product(block.x, 0xD2511F53, &first_high, &first_low);
        full_width_product(block.z, 0xCD9E8D57, &second_high, &second_low);
        block = (struct philox_words){
            second_high ^ block.y ^ key0, second_low, first_high ^ block.w ^ key1, first_low};
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
    return block;
}
