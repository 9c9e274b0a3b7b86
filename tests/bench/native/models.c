/* The network, and ADBench's Gaussian mixture and bundle adjustment in the manner of its
   manual versions: each point or observation is swept forward and back while in cache.
   in: the float arguments one after another; out: the value, then the gradient. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ARGS const double *restrict in, const long *restrict size, double *restrict out

/* size: the number of layers, their sizes, the batch */
void network(ARGS) {
    long layers = size[0], batch = size[layers + 1];
    const long *width = size + 1;
    double *f[16], total = 0.0, *bar[16];
    const double *weights[16], *at = in;
    double *grad = out + 1, *grads[16];
    for (long k = 0; k < layers - 1; k++) {
        weights[k] = at, grads[k] = grad;
        at += width[k + 1] * (width[k] + 1), grad += width[k + 1] * (width[k] + 1);
    }
    f[0] = (double *)at;
    const double *y = at + batch * width[0];
    for (long k = 0; k < layers - 1; k++) {
        long m = width[k + 1], n = width[k];
        const double *A = weights[k], *b = A + m * n;
        f[k + 1] = malloc(batch * m * sizeof(double));
        double *turned = malloc(m * n * sizeof(double));
        for (long i = 0; i < m; i++)
            for (long j = 0; j < n; j++)
                turned[j * m + i] = A[i * n + j];
        for (long s = 0; s < batch; s++) {
            double *restrict to = f[k + 1] + s * m;
            memcpy(to, b, m * sizeof(double));
            for (long j = 0; j < n; j++) {
                double x = f[k][s * n + j];
                for (long i = 0; i < m; i++)
                    to[i] += x * turned[j * m + i];
            }
            for (long i = 0; i < m; i++)
                to[i] = tanh(to[i]);
        }
        free(turned);
    }
    long last = width[layers - 1] * batch;
    bar[layers - 1] = malloc(last * sizeof(double));
    for (long i = 0; i < last; i++) {
        double r = f[layers - 1][i] - y[i];
        total += r * r;
        bar[layers - 1][i] = 2.0 * r;
    }
    out[0] = total;
    memset(out + 1, 0, (grad - out - 1) * sizeof(double));
    for (long k = layers - 2; k >= 0; k--) {
        long m = width[k + 1], n = width[k];
        double *restrict z = bar[k + 1], *restrict A_bar = grads[k], *b_bar = A_bar + m * n;
        for (long i = 0; i < batch * m; i++)
            z[i] *= 1.0 - f[k + 1][i] * f[k + 1][i];
        bar[k] = calloc(k ? batch * n : 1, sizeof(double));
        for (long s = 0; s < batch; s++)
            for (long i = 0; i < m; i++) {
                double s_bar = z[s * m + i];
                const double *restrict x = f[k] + s * n, *restrict row = weights[k] + i * n;
                b_bar[i] += s_bar;
                for (long j = 0; j < n; j++)
                    A_bar[i * n + j] += s_bar * x[j];
                if (k)
                    for (long j = 0; j < n; j++)
                        bar[k][s * n + j] += s_bar * row[j];
            }
        free(f[k + 1]), free(bar[k + 1]);
    }
    free(bar[0]);
}

static double softmax(const double *restrict x, double *restrict p, long n) {
    double top = x[0], sum = 0.0;
    for (long i = 1; i < n; i++)
        top = x[i] > top ? x[i] : top;
    for (long i = 0; i < n; i++)
        sum += p[i] = exp(x[i] - top);
    for (long i = 0; i < n; i++)
        p[i] /= sum;
    return top + log(sum);
}

/* size: d, k, n */
void log_likelihood(ARGS) {
    long d = size[0], k = size[1], n = size[2], lower = d * (d - 1) / 2;
    const double *alphas = in, *means = alphas + k, *q = means + k * d, *below = q + k * d;
    const double *x = below + k * lower, gamma = x[n * d], m = x[n * d + 1];
    double *alphas_bar = out + 1, *means_bar = alphas_bar + k, *q_bar = means_bar + k * d;
    double *below_bar = q_bar + k * d;
    double *work = malloc((3 * k * d + 4 * k + 2 * d) * sizeof(double));
    double *diagonal = work, *centred = diagonal + k * d, *whitened = centred + k * d;
    double *inner = whitened + k * d, *p = inner + k, *sums = p + k, *w_bar = sums + k;
    double slack = 0.0, squares = 0.0, total_q = 0.0;
    memset(out + 1, 0, k * (1 + 2 * d + lower) * sizeof(double));
    for (long j = 0; j < k; j++) {
        sums[j] = alphas[j];
        for (long i = 0; i < d; i++) {
            diagonal[j * d + i] = exp(q[j * d + i]);
            squares += diagonal[j * d + i] * diagonal[j * d + i];
            sums[j] += q[j * d + i], total_q += q[j * d + i];
        }
    }
    for (long i = 0; i < n; i++) {
        for (long j = 0; j < k; j++) {
            double *restrict c = centred + j * d, *restrict w = whitened + j * d;
            const double *restrict L = below + j * lower;
            double square = 0.0;
            for (long a = 0; a < d; a++) {
                c[a] = x[i * d + a] - means[j * d + a];
                w[a] = diagonal[j * d + a] * c[a];
            }
            for (long a = 0; a < d; L += d - ++a)
                for (long b = a + 1; b < d; b++)
                    w[b] += L[b - a - 1] * c[a];
            for (long a = 0; a < d; a++)
                square += w[a] * w[a];
            inner[j] = sums[j] - 0.5 * square;
        }
        slack += softmax(inner, p, k);
        for (long j = 0; j < k; j++) {
            const double *restrict c = centred + j * d, *restrict w = whitened + j * d;
            const double *restrict L = below + j * lower;
            double *restrict L_bar = below_bar + j * lower;
            alphas_bar[j] += p[j];
            for (long a = 0; a < d; a++) {
                w_bar[a] = p[j] * w[a];
                q_bar[j * d + a] -= w_bar[a] * c[a];
                means_bar[j * d + a] += w_bar[a] * diagonal[j * d + a];
            }
            for (long a = 0; a < d; ++a) {
                double s = 0.0;
                for (long b = a + 1; b < d; b++) {
                    L_bar[b - a - 1] -= w_bar[b] * c[a];
                    s += w_bar[b] * L[b - a - 1];
                }
                means_bar[j * d + a] += s;
                L += d - a - 1, L_bar += d - a - 1;
            }
        }
    }
    for (long i = 0; i < k * lower; i++) {
        squares += below[i] * below[i];
        below_bar[i] += gamma * gamma * below[i];
    }
    double total = softmax(alphas, p, k);
    for (long j = 0; j < k; j++) {
        for (long a = j * d; a < j * d + d; a++)
            q_bar[a] = (gamma * gamma * diagonal[a] + q_bar[a]) * diagonal[a] +
                       alphas_bar[j] - m;
        alphas_bar[j] -= n * p[j];
    }
    double log_gamma = 0.25 * d * (d - 1) * log(M_PI), freedom = d + m + 1;
    for (long i = 0; i < d; i++)
        log_gamma += lgamma(0.5 * (freedom - i));
    double c = freedom * d * (log(gamma) - 0.5 * log(2.0)) - log_gamma;
    out[0] = -0.5 * n * d * log(2.0 * M_PI) + slack - n * total +
             0.5 * gamma * gamma * squares - m * total_q - k * c;
    free(work);
}

static void cross(const double *a, const double *b, double *to) {
    to[0] = a[1] * b[2] - a[2] * b[1];
    to[1] = a[2] * b[0] - a[0] * b[2];
    to[2] = a[0] * b[1] - a[1] * b[0];
}

static double dot3(const double *a, const double *b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* size: cameras, points, observations; of rotations that are not 0 */
void half_square(ARGS) {
    long cameras = size[0], points = size[1], seen = size[2];
    const double *point_of = in + 11 * cameras, *weights = point_of + 3 * points;
    const double *observed = weights + seen, *features = observed + 2 * seen;
    double *points_bar = out + 1 + 11 * cameras, *weights_bar = points_bar + 3 * points;
    double total = 0.0;
    memset(out + 1, 0, (11 * cameras + 3 * points + seen) * sizeof(double));
    for (long i = 0; i < seen; i++) {
        long c = (long)observed[2 * i], p = (long)observed[2 * i + 1];
        const double *camera = in + 11 * c;
        double *bar = out + 1 + 11 * c, x[3], w[3], crossed[3], y[3];
        double theta = sqrt(dot3(camera, camera)), cosine = cos(theta), sine = sin(theta);
        for (int a = 0; a < 3; a++)
            x[a] = point_of[3 * p + a] - camera[3 + a], w[a] = camera[a] / theta;
        cross(w, x, crossed);
        double along = dot3(w, x), rest = 1.0 - cosine;
        for (int a = 0; a < 3; a++)
            y[a] = x[a] * cosine + crossed[a] * sine + w[a] * (along * rest);
        double z = y[2], u[2] = {y[0] / z, y[1] / z};
        double square = u[0] * u[0] + u[1] * u[1], fourth = square * square;
        double distortion = 1.0 + camera[9] * square + camera[10] * fourth;
        double focal = camera[6], weight = weights[i], e = 1.0 - weight * weight;
        double v_bar[2], distortion_bar = 0.0, off_sum = 0.0, squares = 0.0;
        for (int a = 0; a < 2; a++) {
            double v = u[a] * distortion;
            double off = focal * v + camera[7 + a] - features[2 * i + a];
            double residual = weight * off, off_bar = weight * residual;
            squares += residual * residual;
            off_sum += residual * off;
            bar[7 + a] += off_bar;
            bar[6] += off_bar * v;
            v_bar[a] = focal * off_bar;
            distortion_bar += v_bar[a] * u[a];
        }
        total += 0.5 * squares + 0.5 * (e * e);
        weights_bar[i] = off_sum - 2.0 * e * weight;
        bar[9] += distortion_bar * square;
        bar[10] += distortion_bar * fourth;
        double square_bar = distortion_bar * (camera[9] + 2.0 * camera[10] * square);
        double y_bar[3] = {0.0, 0.0, 0.0}, crossed_bar[3], from_x[3], from_w[3], w_bar[3];
        for (int a = 0; a < 2; a++) {
            double u_bar = distortion * v_bar[a] + 2.0 * square_bar * u[a];
            y_bar[a] = u_bar / z;
            y_bar[2] -= u_bar * u[a] / z;
        }
        double s = dot3(y_bar, w), t = s * rest;
        for (int a = 0; a < 3; a++)
            crossed_bar[a] = sine * y_bar[a];
        cross(x, crossed_bar, from_w);
        cross(crossed_bar, w, from_x);
        for (int a = 0; a < 3; a++) {
            w_bar[a] = (along * rest * y_bar[a] + t * x[a] + from_w[a]) / theta;
            double x_bar = cosine * y_bar[a] + t * w[a] + from_x[a];
            bar[3 + a] -= x_bar;
            points_bar[3 * p + a] += x_bar;
        }
        double theta_bar = dot3(y_bar, crossed) * cosine -
                           (dot3(y_bar, x) - s * along) * sine - dot3(w_bar, w);
        for (int a = 0; a < 3; a++)
            bar[a] += w_bar[a] + theta_bar / theta * camera[a];
    }
    out[0] = total;
}
