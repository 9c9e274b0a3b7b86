/* The gradients of factorisations and solvers in C: tests/bench/arrays/hand.py.
   in: the float arguments one after another; out: the value, then the gradient. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ARGS const double *restrict in, const long *restrict size, double *restrict out

static double dot(const double *restrict a, const double *restrict b, long n) {
    double total = 0.0;
    for (long i = 0; i < n; i++)
        total += a[i] * b[i];
    return total;
}

/* a -= s * b */
static void less(double *restrict a, double s, const double *restrict b, long n) {
    for (long i = 0; i < n; i++)
        a[i] -= s * b[i];
}

static double *copy(const double *from, long n) {
    return memcpy(malloc(n * sizeof(double)), from, n * sizeof(double));
}

void cholesky(ARGS) {
    long n = size[0];
    double *A = copy(in, n * n), *A_bar = out + 1, value = 0.0;
    memset(A_bar, 0, n * n * sizeof(double));
    for (long i = 0; i < n; i++) {
        double *a = A + i * n;
        for (long j = 0; j < i; j++)
            a[j] = (a[j] - dot(a, A + j * n, j)) / A[j * n + j];
        a[i] = sqrt(a[i] - dot(a, a, i));
        value += log(a[i]);
        A_bar[i * n + i] = 1.0 / a[i];
    }
    out[0] = value;
    for (long i = n; i--;) {
        double *a = A + i * n, *bar = A_bar + i * n;
        double s = bar[i] * (0.5 / a[i]);
        bar[i] = s;
        less(bar, 2.0 * s, a, i);
        for (long j = i; j--;) {
            s = bar[j] / A[j * n + j];
            bar[j] = s;
            A_bar[j * n + j] -= s * a[j];
            less(bar, s, A + j * n, j);
            less(A_bar + j * n, s, a, j);
        }
    }
    free(A);
}

void cholesky_loops(ARGS) { cholesky(in, size, out); }

void lu(ARGS) {
    long n = size[0];
    double *A = copy(in, n * n), *A_bar = out + 1, value = 0.0;
    memset(A_bar, 0, n * n * sizeof(double));
    for (long k = 0; k < n; k++) {
        double *row = A + k * n;
        for (long i = k + 1; i < n; i++) {
            double *a = A + i * n;
            a[k] /= row[k];
            less(a + k + 1, a[k], row + k + 1, n - k - 1);
        }
        value += log(fabs(row[k]));
        A_bar[k * n + k] = 1.0 / row[k];
    }
    out[0] = value;
    for (long k = n; k--;) {
        double *row = A + k * n, *row_bar = A_bar + k * n;
        for (long i = n - 1; i > k; i--) {
            double *bar = A_bar + i * n, a = A[i * n + k];
            less(row_bar + k + 1, a, bar + k + 1, n - k - 1);
            double s = (bar[k] - dot(bar + k + 1, row + k + 1, n - k - 1)) / row[k];
            bar[k] = s;
            row_bar[k] -= s * a;
        }
    }
    free(A);
}

void durbin(ARGS) {
    long n = size[0];
    const double *r = in;
    double *y = calloc(n, sizeof(double)), *old = malloc(n * n / 2 * sizeof(double) + 8);
    double *z = old, *betas = malloc(2 * n * sizeof(double)), *alphas = betas + n;
    double alpha = -r[0], beta = 1.0, *r_bar = out + 1;
    y[0] = -r[0];
    for (long k = 1; k < n; k++) {
        betas[k] = beta, alphas[k] = alpha;
        memcpy(z, y, k * sizeof(double));
        beta *= 1.0 - alpha * alpha;
        double total = 0.0;
        for (long i = 0; i < k; i++)
            total += r[k - 1 - i] * z[i];
        alpha = -(r[k] + total) / beta;
        for (long i = 0; i < k; i++)
            y[i] = z[i] + alpha * z[k - 1 - i];
        y[k] = alpha;
        z += k;
    }
    out[0] = dot(y, y, n);
    double *y_bar = malloc(2 * n * sizeof(double)), *before = y_bar + n;
    for (long i = 0; i < n; i++)
        y_bar[i] = 2.0 * y[i], r_bar[i] = 0.0;
    double beta_bar = 0.0, alpha_bar = 0.0, after = alpha;
    for (long k = n - 1; k > 0; k--) {
        z -= k;
        beta = betas[k], alpha = alphas[k];
        double c = 1.0 - alpha * alpha;
        alpha_bar += y_bar[k];
        for (long i = 0; i < k; i++)
            alpha_bar += y_bar[i] * z[k - 1 - i];
        double s = alpha_bar / (beta * c);
        r_bar[k] -= s;
        beta_bar -= s * after;
        memcpy(before, y_bar, k * sizeof(double));
        for (long i = 0; i < k; i++) {
            r_bar[i] -= s * z[k - 1 - i];
            y_bar[i] += after * before[k - 1 - i] - s * r[k - 1 - i];
        }
        alpha_bar = -2.0 * alpha * beta * beta_bar;
        beta_bar *= c;
        after = alpha;
    }
    r_bar[0] -= alpha_bar + y_bar[0];
    free(y), free(old), free(betas), free(y_bar);
}

void trisolv(ARGS) {
    long n = size[0];
    const double *L = in, *b = in + n * n;
    double *x = malloc(2 * n * sizeof(double)), *x_bar = x + n;
    double *L_bar = out + 1, *b_bar = L_bar + n * n;
    for (long i = 0; i < n; i++)
        x[i] = (b[i] - dot(L + i * n, x, i)) / L[i * n + i];
    out[0] = dot(x, x, n);
    for (long i = 0; i < n; i++)
        x_bar[i] = 2.0 * x[i];
    for (long i = n; i--;) {
        const double *row = L + i * n;
        double s = x_bar[i] / row[i], *bar = L_bar + i * n;
        b_bar[i] = s;
        for (long j = 0; j <= i; j++)
            bar[j] = -s * x[j];
        memset(bar + i + 1, 0, (n - i - 1) * sizeof(double));
        less(x_bar, s, row, i);
    }
    free(x);
}

void tridiagonal(ARGS) {
    long n = size[0];
    const double *a = in, *b = a + n, *c = b + n, *d = c + n;
    double *a_bar = out + 1, *b_bar = a_bar + n, *c_bar = b_bar + n, *d_bar = c_bar + n;
    double *cc = malloc(6 * n * sizeof(double)), *x = cc + n, *ws = x + n, *solved = ws + n;
    double *x_bar = solved + n, *cc_bar = x_bar + n;
    ws[0] = b[0], cc[0] = c[0] / b[0], solved[0] = d[0] / b[0];
    for (long i = 1; i < n; i++) {
        ws[i] = b[i] - a[i] * cc[i - 1];
        cc[i] = c[i] / ws[i];
        solved[i] = (d[i] - a[i] * solved[i - 1]) / ws[i];
    }
    x[n - 1] = solved[n - 1];
    for (long i = n - 2; i >= 0; i--)
        x[i] = solved[i] - cc[i] * x[i + 1];
    out[0] = dot(x, x, n);
    for (long i = 0; i < n; i++)
        x_bar[i] = 2.0 * x[i];
    cc_bar[n - 1] = 0.0;
    for (long i = 0; i < n - 1; i++) {
        cc_bar[i] = -x_bar[i] * x[i + 1];
        x_bar[i + 1] -= x_bar[i] * cc[i];
    }
    for (long i = n; i--;) {
        double s = x_bar[i] / ws[i], t = cc_bar[i] / ws[i];
        double w_bar = -s * solved[i] - t * cc[i];
        d_bar[i] = s, c_bar[i] = t, b_bar[i] = w_bar;
        if (i) {
            a_bar[i] = -s * solved[i - 1] - w_bar * cc[i - 1];
            x_bar[i - 1] -= s * a[i];
            cc_bar[i - 1] -= w_bar * a[i];
        } else
            a_bar[0] = 0.0;
    }
    free(cc);
}
