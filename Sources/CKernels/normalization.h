/* Softmax and layer normalization over rows. */

INLINE float softmax_row(float *x, ptrdiff_t width, float scale) {
    lanes largest = all(-INFINITY);
    FOR_EACH_PLACE(width, { largest = larger(at(x, place, -INFINITY), largest); });
    float maximum = largest_lane(largest);
    lanes sum = all(0);
    FOR_EACH_PLACE(width, {
        lanes weight = exponential(at(x, place, -INFINITY) - maximum);
        sum += weight;
        put(x, place, weight);
    });
    float total = sum_of_lanes(sum);
    float inverse = scale / total;
    FOR_EACH_PLACE(width, { put(x, place, at(x, place, 0) * inverse); });
    return maximum + logf(total);
}

static void softmax(float *rows, ptrdiff_t count, ptrdiff_t width) {
    for (ptrdiff_t row = 0; row < count; row++) softmax_row(rows + row * width, width, 1);
}

static float softmax_scaled(float *row, ptrdiff_t width, float scale) { return softmax_row(row, width, scale); }

static void differentiate_softmax(float *gradient, const float *probabilities, ptrdiff_t count, ptrdiff_t width) {
    for (ptrdiff_t row = 0; row < count; row++) {
        float *g = gradient + row * width;
        const float *p = probabilities + row * width;
        lanes sum = all(0);
        FOR_EACH_PLACE(width, { sum = fused(at(g, place, 0), at(p, place, 0), sum); });
        float mean = sum_of_lanes(sum);
        FOR_EACH_PLACE(width, { put(g, place, (at(g, place, 0) - mean) * at(p, place, 0)); });
    }
}

/* With the biased variance of PyTorch's nn.LayerNorm. */
static void layer_norm(
    float *rows, const float *weight, const float *bias, float epsilon, float *inverse_deviation, float *output,
    ptrdiff_t count, ptrdiff_t width) {
    for (ptrdiff_t row = 0; row < count; row++) {
        float *x = rows + row * width, *y = output + row * width;
        lanes sum = all(0);
        FOR_EACH_PLACE(width, { sum += at(x, place, 0); });
        float mean = sum_of_lanes(sum) / (float)width;
        lanes squares = all(0);
        FOR_EACH_PLACE(width, {
            lanes centered = at(x, place, mean) - mean;
            squares = fused(centered, centered, squares);
        });
        float inverse = 1 / sqrtf(sum_of_lanes(squares) / (float)width + epsilon);
        FOR_EACH_PLACE(width, {
            lanes normalized = (at(x, place, 0) - mean) * inverse;
            put(x, place, normalized);
            put(y, place, fused(normalized, at(weight, place, 0), at(bias, place, 0)));
        });
        inverse_deviation[row] = inverse;
    }
}

/* With h = gradient * weight: dx = r (h - mean(h) - x mean(h x)). */
static void differentiate_layer_norm(
    float *gradient, const float *normalized, const float *inverse_deviation, const float *weight,
    float *weight_gradient, float *bias_gradient, ptrdiff_t count, ptrdiff_t width) {
    for (ptrdiff_t row = 0; row < count; row++) {
        float *g = gradient + row * width;
        const float *x = normalized + row * width;
        lanes sum = all(0), projection = all(0);
        FOR_EACH_PLACE(width, {
            lanes output = at(g, place, 0);
            lanes input = at(x, place, 0);
            lanes h = output * at(weight, place, 0);
            sum += h;
            projection = fused(h, input, projection);
            put(weight_gradient, place, fused(output, input, at(weight_gradient, place, 0)));
            put(bias_gradient, place, at(bias_gradient, place, 0) + output);
        });
        float mean = sum_of_lanes(sum) / (float)width;
        float mean_projection = sum_of_lanes(projection) / (float)width;
        FOR_EACH_PLACE(width, {
            lanes h = at(g, place, 0) * at(weight, place, 0);
            put(g, place, (h - mean - at(x, place, 0) * mean_projection) * inverse_deviation[row]);
        });
    }
}
