/* The samples' gradients in C: tests/bench/hand.py, line by line.
   in: the arguments; out: the value, then the gradient. */
#include <math.h>
#include <stdlib.h>

#define ARGS const double *restrict in, const long *restrict size, double *restrict out

void f(ARGS) {
    double x = in[0], a = x * x, b = exp(a), c = a + b, d = sqrt(c);
    out[0] = d + cos(c);
    out[1] = (0.5 / d - sin(c)) * (1.0 + b) * 2.0 * x;
}

void call_price(ARGS) {
    double spot = in[0], strike = in[1], rate = in[2], volatility = in[3], maturity = in[4];
    double density = 1.0 / sqrt(2.0 * M_PI);
    double root = sqrt(maturity), spread = volatility * root;
    double growth = rate + 0.5 * volatility * volatility;
    double d1 = (log(spot / strike) + growth * maturity) / spread, d2 = d1 - spread;
    double u1 = d1 / M_SQRT2, u2 = d2 / M_SQRT2;
    double cdf1 = 0.5 * (1.0 + erf(u1)), cdf2 = 0.5 * (1.0 + erf(u2));
    double discount = exp(-rate * maturity), present = strike * discount;
    double paid = present * cdf2;
    double d2_drop = present * density * exp(-u2 * u2);
    double top_bar = (spot * density * exp(-u1 * u1) - d2_drop) / spread;
    double spread_bar = d2_drop - top_bar * d1, growth_bar = top_bar * maturity;
    out[0] = spot * cdf1 - paid;
    out[1] = cdf1 + top_bar / spot;
    out[2] = -top_bar / strike - discount * cdf2;
    out[3] = growth_bar + paid * maturity;
    out[4] = growth_bar * volatility + spread_bar * root;
    out[5] = top_bar * growth + paid * rate + spread_bar * volatility * 0.5 / root;
}

/* A record that grows. */
typedef struct {
    double *at;
    long length, room;
} Record;

static double *pushed(Record *record, long width) {
    if (record->length + width > record->room) {
        record->room = 2 * record->room + 16 * width;
        record->at = realloc(record->at, record->room * sizeof(double));
    }
    record->length += width;
    return record->at + record->length - width;
}

void cubic_root(ARGS) {
    double a = in[0], b = in[1], x = 2.0, previous = 0.0;
    Record passes = {0};
    while (fabs(x - previous) > 1e-12) {
        previous = x;
        double slope = 3.0 * (x * x) - a, step = (x * x * x - a * x - b) / slope;
        double *p = pushed(&passes, 3);
        p[0] = x, p[1] = slope, p[2] = step;
        x = x - step;
    }
    out[0] = x;
    double x_bar = 1.0, a_bar = 0.0, b_bar = 0.0;
    for (double *p = passes.at + passes.length; (p -= 3) >= passes.at;) {
        double residual_drop = x_bar / p[1], slope_bar = residual_drop * p[2];
        a_bar += residual_drop * p[0] - slope_bar;
        b_bar += residual_drop;
        x_bar += slope_bar * 6.0 * p[0] - residual_drop * p[1];
    }
    out[1] = a_bar, out[2] = b_bar;
    free(passes.at);
}

void eccentric_anomaly(ARGS) {
    double eccentricity = in[0], mean = in[1], anomaly = mean, step = 1.0;
    Record passes = {0};
    while (fabs(step) > 1e-12) {
        double sine = sin(anomaly), cosine = cos(anomaly);
        double slope = 1.0 - eccentricity * cosine;
        step = (anomaly - eccentricity * sine - mean) / slope;
        double *p = pushed(&passes, 4);
        p[0] = sine, p[1] = cosine, p[2] = slope, p[3] = step;
        anomaly -= step;
    }
    out[0] = anomaly;
    double anomaly_bar = 1.0, eccentricity_bar = 0.0, mean_bar = 0.0;
    for (double *p = passes.at + passes.length; (p -= 4) >= passes.at;) {
        double residual_drop = anomaly_bar / p[2], slope_bar = residual_drop * p[3];
        eccentricity_bar += residual_drop * p[0] - slope_bar * p[1];
        mean_bar += residual_drop;
        anomaly_bar += slope_bar * eccentricity * p[0] - residual_drop * p[2];
    }
    out[1] = eccentricity_bar, out[2] = mean_bar + anomaly_bar;
    free(passes.at);
}

void rosenbrock(ARGS) {
    double x = in[0], ratio = in[1], total = 0.0;
    long n = (long)in[2];
    double *points = malloc(n * sizeof(double));
    for (long i = 0; i < n; i++) {
        points[i] = x;
        double following = ratio * x, gap = following - x * x, short_of = 1.0 - x;
        total += 100.0 * (gap * gap) + short_of * short_of;
        x = following;
    }
    double x_bar = 0.0, ratio_bar = 0.0;
    for (long i = n; i--;) {
        x = points[i];
        double gap_bar = 200.0 * (ratio * x - x * x);
        x_bar += gap_bar;
        ratio_bar += x_bar * x;
        x_bar = x_bar * ratio - 2.0 * (gap_bar * x + (1.0 - x));
    }
    out[0] = total, out[1] = x_bar, out[2] = ratio_bar;
    free(points);
}

typedef struct {
    double x, y, z;
} Point;

static Point velocity(Point p, double sigma, double rho, double beta) {
    return (Point){sigma * (p.y - p.x), p.x * (rho - p.z) - p.y, p.x * p.y - beta * p.z};
}

static Point along(Point p, double h, Point d) {
    return (Point){p.x + h * d.x, p.y + h * d.y, p.z + h * d.z};
}

void lorenz(ARGS) {
    double sigma = in[0], rho = in[1], beta = in[2], h = 0.01, half = 0.5 * h;
    double sixth = h / 6.0, third = 2.0 * sixth, step[4] = {0.0, half, half, h};
    double weight[4] = {sixth, third, third, sixth};
    Point p = {1.0, 1.0, 1.0}, *passes = malloc(4000 * sizeof(Point));
    for (long i = 0; i < 1000; i++) {
        Point d[4];
        for (int k = 0; k < 4; k++) {
            Point at = k ? along(p, step[k], d[k - 1]) : p;
            passes[4 * i + k] = at;
            d[k] = velocity(at, sigma, rho, beta);
        }
        p.x += sixth * (d[0].x + 2.0 * d[1].x + 2.0 * d[2].x + d[3].x);
        p.y += sixth * (d[0].y + 2.0 * d[1].y + 2.0 * d[2].y + d[3].y);
        p.z += sixth * (d[0].z + 2.0 * d[1].z + 2.0 * d[2].z + d[3].z);
    }
    double sigma_bar = 0.0, rho_bar = 0.0, beta_bar = 0.0;
    Point bar = {1.0, 0.0, 0.0};
    for (long i = 1000; i--;) {
        Point sum = bar, next = {0.0, 0.0, 0.0};
        for (int k = 3; k >= 0; k--) {
            Point at = passes[4 * i + k];
            double after = k < 3 ? step[k + 1] : 0.0;
            Point d = {weight[k] * bar.x + after * next.x, weight[k] * bar.y + after * next.y,
                       weight[k] * bar.z + after * next.z};
            double flow = sigma * d.x, pull = at.x * d.y;
            sigma_bar += d.x * (at.y - at.x);
            rho_bar += pull;
            beta_bar -= d.z * at.z;
            next.x = (rho - at.z) * d.y + at.y * d.z - flow;
            next.y = flow - d.y + at.x * d.z;
            next.z = -pull - beta * d.z;
            sum = along(sum, 1.0, next);
        }
        bar = sum;
    }
    out[0] = p.x, out[1] = sigma_bar, out[2] = rho_bar, out[3] = beta_bar;
    free(passes);
}
