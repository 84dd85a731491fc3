/* The functions between the two products of a feed-forward block, and their slopes. */

struct value_and_slope {
    lanes value, slope;
};

/* x Phi(x), with the error function. The tail probability is t(a1 + t(a2 + ...)) e^(-x^2/2) / 2 with
   t = 1 / (1 + p |x| / sqrt 2) (Abramowitz & Stegun 7.1.26): Phi to 2.1e-7, 7.5e-8 of it the series, the rest rounding. */
INLINE struct value_and_slope normal_distribution(lanes x) {
    lanes magnitude = x < 0.0f ? -x : x;
    lanes gaussian = exponential(x * x * -0.5f);
    lanes t = 1.0f / fused(magnitude, all(0.3275911f * 0.70710678f), all(1));
    lanes series = all(1.061405429f);
    series = fused(series, t, all(-1.453152027f));
    series = fused(series, t, all(1.421413741f));
    series = fused(series, t, all(-0.284496736f));
    series = fused(series, t, all(0.254829592f));
    lanes tail = series * t * gaussian * 0.5f;
    return (struct value_and_slope){x < 0.0f ? tail : 1.0f - tail, gaussian * 0.39894228f};
}

INLINE struct value_and_slope gelu(lanes x) {
    struct value_and_slope normal = normal_distribution(x);
    return (struct value_and_slope){x * normal.value, fused(x, normal.slope, normal.value)};
}

/* sigma(x) and 1 - sigma(x), each without cancellation: the exponential is taken of -|x|. */
struct logistic {
    lanes value, complement;
};
INLINE struct logistic logistic(lanes x) {
    lanes small = exponential(x < 0.0f ? x : -x);
    lanes near = 1.0f / (1.0f + small);
    lanes far = small * near;
    return (struct logistic){x < 0.0f ? far : near, x < 0.0f ? near : far};
}

/* x sigma(2 sqrt(2/pi) (x + 0.044715 x^3)): 1/2 (1 + tanh u) is sigma(2u). */
INLINE struct value_and_slope gelu_tanh(lanes x) {
    const float scale = 2 * 0.79788456f, cubic = 0.044715f;
    /* Beyond 12 the logistic function is 0 or 1 in single precision, and a cube would soon be infinite. */
    lanes near = x < -12.0f ? all(-12) : x;
    near = near > 12.0f ? all(12) : near;
    struct logistic at = logistic(near * fused(near * near, all(cubic * scale), all(scale)));
    lanes rate = fused(near * near, all(3 * cubic * scale), all(scale));
    return (struct value_and_slope){x * at.value, fused(near * at.value * at.complement, rate, at.value)};
}

INLINE struct value_and_slope silu(lanes x) {
    struct logistic at = logistic(x);
    return (struct value_and_slope){x * at.value, fused(x * at.value, at.complement, at.value)};
}

/* Its slope at 0 is 0, as PyTorch has it. NaN stays. */
INLINE struct value_and_slope relu(lanes x) {
    return (struct value_and_slope){x <= 0.0f ? all(0) : x, x <= 0.0f ? all(0) : all(1)};
}

#define DEFINE_ACTIVATION(function)                                                                                    \
    static void function##_forward(const float *input, float *output, ptrdiff_t count) {                               \
        FOR_EACH_PLACE(count, { put(output, place, function(at(input, place, 0)).value); });                           \
    }                                                                                                                  \
    static void function##_backward(const float *input, float *activated, float *gradient, ptrdiff_t count) {          \
        FOR_EACH_PLACE(count, {                                                                                        \
            struct value_and_slope result = function(at(input, place, 0));                                             \
            put(activated, place, result.value);                                                                       \
            put(gradient, place, at(gradient, place, 0) * result.slope);                                               \
        });                                                                                                            \
    }
DEFINE_ACTIVATION(gelu)
DEFINE_ACTIVATION(gelu_tanh)
DEFINE_ACTIVATION(relu)
DEFINE_ACTIVATION(silu)

static void activate(enum fast_electra_activation f, const float *input, float *output, ptrdiff_t count) {
    switch (f) {
    case FAST_ELECTRA_GELU: gelu_forward(input, output, count); break;
    case FAST_ELECTRA_GELU_TANH: gelu_tanh_forward(input, output, count); break;
    case FAST_ELECTRA_RELU: relu_forward(input, output, count); break;
    case FAST_ELECTRA_SILU: silu_forward(input, output, count); break;
    }
}

static void differentiate_activation(
    enum fast_electra_activation f, const float *input, float *activated, float *gradient, ptrdiff_t count) {
    switch (f) {
    case FAST_ELECTRA_GELU: gelu_backward(input, activated, gradient, count); break;
    case FAST_ELECTRA_GELU_TANH: gelu_tanh_backward(input, activated, gradient, count); break;
    case FAST_ELECTRA_RELU: relu_backward(input, activated, gradient, count); break;
    case FAST_ELECTRA_SILU: silu_backward(input, activated, gradient, count); break;
    }
}
