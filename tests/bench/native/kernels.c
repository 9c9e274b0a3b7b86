/* The kernels' gradients in C, adjoint stencils in gather form.
   in: the float arguments one after another; out: the value, then the gradient. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ARGS const double *restrict in, const long *restrict size, double *restrict out

static double *copy(const double *from, long n) {
    return memcpy(malloc(n * sizeof(double)), from, n * sizeof(double));
}

static double *zeros(long n) { return calloc(n, sizeof(double)); }

static double squares(const double *a, long n) {
    double total = 0.0;
    for (long i = 0; i < n; i++)
        total += a[i] * a[i];
    return total;
}

static void three(double *restrict to, const double *restrict of, long n) {
    for (long i = 1; i < n - 1; i++)
        to[i] = 0.33333 * (of[i - 1] + of[i] + of[i + 1]);
}

void jacobi_1d(ARGS) {
    long n = size[0], steps = size[1];
    double *A = copy(in, n), *B = copy(in, n), *s = zeros(n), *B_bar = zeros(n);
    double *A_bar = out + 1;
    for (long t = 0; t < steps; t++)
        three(B, A, n), three(A, B, n);
    out[0] = squares(A, n);
    for (long i = 0; i < n; i++)
        A_bar[i] = 2.0 * A[i];
    for (long t = 0; t < steps; t++) {
        for (long i = 1; i < n - 1; i++)
            s[i] = 0.33333 * A_bar[i];
        B_bar[0] += s[1], B_bar[n - 1] += s[n - 2];
        /* what the next stencil reads of B's inner adjoint is all there is of it */
        for (long i = 1; i < n - 1; i++)
            B_bar[i] = 0.33333 * (s[i - 1] + s[i] + s[i + 1]);
        double first = B_bar[0], last = B_bar[n - 1];
        B_bar[0] = B_bar[n - 1] = 0.0;
        for (long i = 1; i < n - 1; i++)
            A_bar[i] = B_bar[i - 1] + B_bar[i] + B_bar[i + 1];
        A_bar[0] += B_bar[1], A_bar[n - 1] += B_bar[n - 2];
        B_bar[0] = first, B_bar[n - 1] = last;
    }
    A_bar[0] += B_bar[0], A_bar[n - 1] += B_bar[n - 1];
    free(A), free(B), free(s), free(B_bar);
}

static void five(double *restrict to, const double *restrict of, long n, long m) {
    for (long i = 1; i < n - 1; i++)
        for (long k = i * m + 1; k < i * m + m - 1; k++)
            to[k] = 0.2 * (of[k] + of[k - 1] + of[k + 1] + of[k + m] + of[k - m]);
}

/* What the stencil of the scaled inner adjoints s (0 at the edges) adds to the edges. */
static void five_edges(double *restrict to, const double *restrict s, long n, long m) {
    for (long j = 1; j < m - 1; j++)
        to[j] += s[m + j], to[(n - 1) * m + j] += s[(n - 2) * m + j];
    for (long i = 1; i < n - 1; i++)
        to[i * m] += s[i * m + 1], to[i * m + m - 1] += s[i * m + m - 2];
}

void jacobi_2d(ARGS) {
    long n = size[0], m = size[1], steps = size[2], all = n * m;
    double *A = copy(in, all), *B = copy(in, all), *s = zeros(all), *r = zeros(all);
    double *B_bar = zeros(all), *A_bar = out + 1;
    for (long t = 0; t < steps; t++)
        five(B, A, n, m), five(A, B, n, m);
    out[0] = squares(A, all);
    for (long i = 0; i < all; i++)
        A_bar[i] = 2.0 * A[i];
    for (long t = 0; t < steps; t++) {
        for (long i = 1; i < n - 1; i++)
            for (long k = i * m + 1; k < i * m + m - 1; k++)
                s[k] = 0.2 * A_bar[k];
        five_edges(B_bar, s, n, m);
        five(r, s, n, m);
        for (long i = 1; i < n - 1; i++)
            for (long k = i * m + 1; k < i * m + m - 1; k++)
                A_bar[k] = r[k] + r[k - 1] + r[k + 1] + r[k + m] + r[k - m];
        five_edges(A_bar, r, n, m);
    }
    for (long i = 0; i < all; i++)
        A_bar[i] += B_bar[i];
    free(A), free(B), free(s), free(r), free(B_bar);
}

void seidel_2d(ARGS) {
    long n = size[0], m = size[1], steps = size[2];
    double *A = copy(in, n * m), *A_bar = out + 1;
    for (long t = 0; t < steps; t++)
        for (long i = 1; i < n - 1; i++) {
            double *a = A + i * m, *up = a - m, *down = a + m;
            for (long j = 1; j < m - 1; j++)
                a[j] += (up[j - 1] + up[j] + up[j + 1]) +
                        (a[j + 1] + down[j - 1] + down[j] + down[j + 1]);
            for (long j = 1; j < m - 1; j++)
                a[j] = (a[j] + a[j - 1]) / 9.0;
        }
    out[0] = squares(A, n * m);
    for (long i = 0; i < n * m; i++)
        A_bar[i] = 2.0 * A[i];
    double *row = zeros(m);
    for (long t = 0; t < steps; t++)
        for (long i = n - 2; i > 0; i--) {
            double *a = A_bar + i * m, *up = a - m, *down = a + m;
            for (long j = m - 2; j > 0; j--) {
                double s = a[j] / 9.0;
                row[j] = s;
                a[j - 1] += s;
            }
            a[1] = row[1];
            for (long j = 2; j < m - 1; j++)
                a[j] = row[j] + row[j - 1];
            a[m - 1] += row[m - 2];
            up[0] += row[1], down[0] += row[1];
            for (long j = 1; j < m - 1; j++) {
                double s = row[j - 1] + row[j] + row[j + 1];
                up[j] += s, down[j] += s;
            }
            up[m - 1] += row[m - 2], down[m - 1] += row[m - 2];
        }
    free(A), free(row);
}

void heat_3d(ARGS) {
    long n = size[0], m = size[1], l = size[2], steps = size[3];
    long X = m * l, Y = l, all = n * m * l;
    double *A = copy(in, all), *B = copy(in, all), *A_bar = out + 1, *s = zeros(all);
    for (long t = 0; t < steps; t++) {
        for (long i = 1; i < n - 1; i++)
            for (long j = 1; j < m - 1; j++)
                for (long k = i * X + j * Y + 1; k < i * X + j * Y + l - 1; k++)
                    B[k] = 0.125 * (A[k + X] - 2.0 * A[k] + A[k - X]) +
                           0.125 * (A[k + Y] - 2.0 * A[k] + A[k - Y]) +
                           0.125 * (A[k + 1] - 2.0 * A[k] + A[k - 1]) + A[k];
        double *old = A;
        A = B, B = old;
    }
    out[0] = squares(A, all);
    for (long i = 0; i < all; i++)
        A_bar[i] = 2.0 * A[i];
    for (long t = 0; t < steps; t++) {
        for (long i = 1; i < n - 1; i++)
            for (long j = 1; j < m - 1; j++)
                for (long k = i * X + j * Y + 1; k < i * X + j * Y + l - 1; k++)
                    s[k] = 0.125 * A_bar[k];
        for (long i = 0; i < n; i++)
            for (long j = 0; j < m; j++) {
                long a = i * X + j * Y;
                int inner = i && i < n - 1 && j && j < m - 1;
                if (inner) {
                    for (long k = a + 1; k < a + l - 1; k++)
                        A_bar[k] = 2.0 * s[k] + s[k + X] + s[k - X] + s[k + Y] + s[k - Y] +
                                   s[k + 1] + s[k - 1];
                    A_bar[a] += s[a + 1], A_bar[a + l - 1] += s[a + l - 2];
                    continue;
                }
                const double *next = i == 0       ? s + a + X
                                     : i == n - 1 ? s + a - X
                                     : j == 0     ? s + a + Y
                                                  : s + a - Y;
                for (long k = 0; k < l; k++)
                    A_bar[a + k] += next[k];
            }
    }
    free(A), free(B), free(s);
}
