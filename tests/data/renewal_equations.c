/* renewal.c - reference values for a clock-reset semi-Markov model
 *   WELL -> ILL (wi), WELL -> DEAD (wd), ILL -> WELL (iw), ILL -> DEAD (id), all start in WELL at 0.
 *
 * METHOD: renewal (Volterra) equations by graded-mesh collocation with product integration.
 *   Each state's sojourn survival is S(v) = exp(-sum of its causes' cumulative hazards); a cause c
 *   has sub-density f_c(v) = h_c(v) S(v) and sub-distribution F_c.  With A(t), B(t) the expected
 *   number of entries into ILL and of RE-entries into WELL by t (A(0) = B(0) = 0):
 *       A(t) = F_wi(t) + int_0^t f_wi(t-u) B(u) du         B(t) = int_0^t f_iw(t-u) A(u) du
 *       Dw(t)= F_wd(t) + int_0^t f_wd(t-u) B(u) du         Di(t)= int_0^t f_id(t-u) A(u) du
 *   (the Stieltjes convolution F * dB, integrated by parts.)  Then
 *       P(WELL) = 1 + B - A - Dw,   P(ILL) = A - B - Di,   P(DEAD) = Dw + Di.
 *   Unknowns A, B: piecewise polynomials through p Gauss-Legendre points per panel.  Panels are
 *   geometric (each `q` times the next) toward t = 0, where A ~ t^k and B ~ t^(k+k') are not
 *   smooth, and never wider than hmax; away from 0, A and B are analytic.
 *   Integrals are by Gauss-Legendre (ng points) on pieces bounded by every panel edge and, for
 *   v = t-u <= t/2, by t 2^-k; the last piece uses v = y^10 (every Weibull shape is a
 *   multiple of 0.1, so the integrand is smooth in y).  So the singular f(v) ~ v^(k-1) is exact.
 *   The system is solved by Picard iteration (iteration n = at most n transitions) to 1e-16.
 *
 * QALYs (first way): int w(t) P(t) dt by the panels' own Gauss weights, w(t) = 1.035^-t or 1.
 * QALYs (second way, and the only way for the -0.2 part): each entry at u earns
 *       g(u) = e^-ru R(min(cap, T-u)),  R(x) = int_0^x e^-rv S(v) dv,  cap = 1 year or T,
 *   summed over entries: int g dA = int A (-g') du, as g(T) = 0; pieces also break at v = T-u = cap.
 *   The -0.2 applies while still in ILL and less than 1 year after that entry into ILL.
 *
 * usage: renewal p hmax q ng   (prints both parameter sets)   build: gcc -O2 renewal.c -lm
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#define T 12.0
#define MAXP 40
enum { WI, WD, IW, ID };
static double shp[4], scl[4], r;                 /* cumulative hazard of cause c: (v/scl)^shp */
static int p, ng, np, N, M;                      /* points/panel, quadrature points, panels, nodes, rows */
static double q, hmax, edge[4000], *tt, *wt, *K[4];
static double xp[MAXP], wp[MAXP], bw[MAXP], xg[MAXP], wg[MAXP];

static void gauss(int n, double *x, double *w) { /* Gauss-Legendre on [0,1] */
    for (int i = 0; i < n; i++) {
        double z = cos(M_PI * (i + 0.75) / (n + 0.5)), d = 1, p0, p1;
        for (int it = 0; it < 50; it++) {
            p0 = 1; p1 = z;
            for (int k = 2; k <= n; k++) { double t = ((2*k-1)*z*p1 - (k-1)*p0) / k; p0 = p1; p1 = t; }
            d = n * (z*p1 - p0) / (z*z - 1);
            double dz = p1 / d; z -= dz; if (fabs(dz) < 1e-16) break;
        }
        x[n-1-i] = (1 + z) / 2; w[n-1-i] = 1 / ((1 - z*z) * d * d);
    }
}
static double Hc(int c, double v) { return pow(v / scl[c], shp[c]); }
static double surv(int st, double v) { return exp(-Hc(2*st, v) - Hc(2*st+1, v)); }   /* st 0 WELL, 1 ILL */
static double dens(int c, double v) { return shp[c] * Hc(c, v) / v * surv(c / 2, v); }

static void lagr(int k, double u, double *L) {   /* Lagrange basis of panel k at u (barycentric) */
    double s = (u - edge[k]) / (edge[k+1] - edge[k]), sum = 0;
    for (int j = 0; j < p; j++) {
        double d = s - xp[j];
        if (d == 0) { memset(L, 0, p * sizeof *L); L[j] = 1; return; }
        L[j] = bw[j] / d; sum += L[j];
    }
    for (int j = 0; j < p; j++) L[j] /= sum;
}
typedef void (*fun)(double t, double u, double v, double w, int panel, double *L, void *ctx);
static int cmpd(const void *a, const void *b) { double x = *(double*)a, y = *(double*)b; return (x>y)-(x<y); }
/* call f at every quadrature point of int_0^t du; v = t-u; vb = one more break in v (0 = none) */
static void integrate(double t, double vb, fun f, void *ctx) {
    double ub[5000], vbk[5000], L[MAXP]; int nu = 0, nv = 0;
    for (int k = 0; k <= np; k++) {                                 /* panel edges, both halves */
        if (edge[k] < t/2) ub[nu++] = edge[k];
        else if (edge[k] < t) vbk[nv++] = t - edge[k];
    }
    ub[nu++] = t/2; vbk[nv++] = t/2; vbk[nv++] = 0;
    for (int k = 2; k <= 24; k++) vbk[nv++] = ldexp(t, -k);
    for (double v = hmax; v < t/2; v += hmax) vbk[nv++] = v;
    if (vb > 0 && vb < t/2) vbk[nv++] = vb;
    if (vb >= t/2 && vb < t) ub[nu++] = t - vb;
    qsort(ub, nu, sizeof *ub, cmpd); qsort(vbk, nv, sizeof *vbk, cmpd);
    for (int half = 0; half < 2; half++) {
        double *e = half ? vbk : ub; int n = half ? nv : nu;
        for (int i = 0; i + 1 < n; i++) {
            double a = e[i], b = e[i+1], mid = half ? t - (a+b)/2 : (a+b)/2;
            if (b <= a) continue;
            int k = 0, hi = np; while (hi - k > 1) { int m = (k+hi)/2; if (edge[m] <= mid) k = m; else hi = m; }
            for (int g = 0; g < ng; g++) {
                double s = a + (b-a) * xg[g], w = (b-a) * wg[g];
                if (half && i == 0) { double y = pow(b, 0.1) * xg[g]; s = pow(y, 10); w = 10 * pow(y, 9) * pow(b, 0.1) * wg[g]; }
                double u = half ? t - s : s, v = half ? s : t - s;
                lagr(k, u, L); f(t, u, v, w, k, L, ctx);
            }
        }
    }
}
static void addrow(double t, double u, double v, double w, int k, double *L, void *ctx) {
    int row = *(int*)ctx;
    for (int c = 0; c < 4; c++) { double d = w * dens(c, v); for (int j = 0; j < p; j++) K[c][(size_t)row*N + k*p + j] += d * L[j]; }
}
static void apply(int c, const double *x, double *y) {
    for (int i = 0; i < M; i++) { double s = 0; for (int j = 0; j < N; j++) s += K[c][(size_t)i*N+j] * (x ? x[j] : 1); y[i] = s; }
}
static double Rint(int st, double x) {           /* int_0^x e^-rv S(v) dv, v = y^10 on the first piece */
    double s = 0, b = x;
    while (b > 0) {
        double a = b > 2*hmax ? b - hmax : b > ldexp(x, -24) ? b/2 : 0;
        for (int g = 0; g < ng; g++) {
            double v = a + (b-a)*xg[g], w = (b-a)*wg[g];
            if (a == 0) { double y = pow(b, 0.1)*xg[g]; v = pow(y, 10); w = 10*pow(y, 9)*pow(b, 0.1)*wg[g]; }
            s += w * exp(-r*v) * surv(st, v);
        }
        b = a;
    }
    return s;
}
struct soj { int st; double cap, Rcap, sum; const double *x; };
static void addsoj(double t, double u, double v, double w, int k, double *L, void *ctx) {
    struct soj *z = ctx; double X = 0;
    for (int j = 0; j < p; j++) X += L[j] * z->x[k*p+j];
    z->sum += w * X * (r * exp(-r*u) * (v < z->cap ? Rint(z->st, v) : z->Rcap) + (v < z->cap ? exp(-r*T) * surv(z->st, v) : 0));
}
static double sojourn(int st, double cap, const double *x) {
    struct soj z = { st, cap, Rint(st, cap), 0, x }; integrate(T, cap, addsoj, &z); return z.sum;
}
static void run(const char *name) {
    np = 0; double e[4000], b = T; int ne = 0;   /* panels, from T down to T 2^-45 */
    e[ne++] = b;
    while (b > ldexp(T, -45)) { b = (b*(1-q) > hmax) ? b - hmax : b*q; e[ne++] = b; }
    e[ne++] = 0; np = ne - 1; for (int i = 0; i < ne; i++) edge[i] = e[ne-1-i];
    N = np * p; M = N + 3; tt = calloc(M, 8); wt = calloc(M, 8);
    for (int k = 0; k < np; k++) for (int j = 0; j < p; j++) { double h = edge[k+1]-edge[k]; tt[k*p+j] = edge[k] + h*xp[j]; wt[k*p+j] = h*wp[j]; }
    tt[N] = 1; tt[N+1] = 5; tt[N+2] = T;
    for (int c = 0; c < 4; c++) K[c] = calloc((size_t)M*N, 8);
    for (int i = 0; i < M; i++) integrate(tt[i], 0, addrow, &i);
    double *F[4], *A = calloc(M,8), *B = calloc(M,8), *Dw = calloc(M,8), *Di = calloc(M,8), *y = calloc(M,8), d = 1; int it = 0;
    for (int c = 0; c < 4; c++) { F[c] = calloc(M,8); apply(c, NULL, F[c]); }
    for (; it < 300 && d > 1e-16; it++) {
        d = 0; apply(WI, B, y);
        for (int i = 0; i < M; i++) { double n = F[WI][i] + y[i]; d = fmax(d, fabs(n - A[i])); A[i] = n; }
        apply(IW, A, B);
    }
    apply(WD, B, Dw); apply(ID, A, Di); for (int i = 0; i < M; i++) Dw[i] += F[WD][i];
    printf("%s   [p=%d hmax=%g q=%g ng=%d panels=%d picard=%d]\n", name, p, hmax, q, ng, np, it);
    for (int i = N; i < M; i++)
        printf("t=%-2g P(WELL) %.11f  P(ILL) %.11f  P(DEAD) %.11f  CIF first ILL %.11f  E[entries ILL] %.11f\n",
            tt[i], 1+B[i]-A[i]-Dw[i], A[i]-B[i]-Di[i], Dw[i]+Di[i], F[WI][i], A[i]);
    for (int disc = 0; disc < 2; disc++) {
        r = disc ? log(1.035) : 0; double yw = 0, yi = 0;
        for (int i = 0; i < N; i++) { double w = wt[i]*exp(-r*tt[i]); yw += w*(1+B[i]-A[i]-Dw[i]); yi += w*(A[i]-B[i]-Di[i]); }
        double y1 = sojourn(1, 1, A), yw2 = Rint(0, T) + sojourn(0, T, B), yi2 = sojourn(1, T, A);
        printf("%s years: WELL %.11f  ILL %.11f  ILL-first-year %.11f   (WELL, ILL by the second way %.11f %.11f)\n",
            disc ? "discounted  " : "undiscounted", yw, yi, y1, yw2, yi2);
        if (disc) printf("QALY: 0.9 part %.11f  0.5 part %.11f  -0.2 part %.11f  TOTAL %.11f\n", .9*yw, .5*yi, -.2*y1, .9*yw+.5*yi-.2*y1);
    }
    for (int c = 0; c < 4; c++) { free(K[c]); free(F[c]); } free(A); free(B); free(Dw); free(Di); free(y); free(tt); free(wt);
}
int main(int argc, char **argv) {
    if (argc < 5) { fprintf(stderr, "usage: renewal p hmax q ng\n"); return 1; }
    p = atoi(argv[1]); hmax = atof(argv[2]); q = atof(argv[3]); ng = atoi(argv[4]);
    gauss(p, xp, wp); gauss(ng, xg, wg);
    for (int i = 0; i < p; i++) { bw[i] = 1; for (int j = 0; j < p; j++) if (j != i) bw[i] /= 2*(xp[i]-xp[j]); }
    double s1[4] = {.8, 1, .7, .6}, s2[4] = {1.6, 1, 2.2, 1.3}, sc[4] = {3, 50, 1.5, 8};   /* rate 0.02 = scale 50 */
    memcpy(scl, sc, sizeof sc); memcpy(shp, s1, sizeof s1); run("SET 1"); memcpy(shp, s2, sizeof s2); run("SET 2");
    return 0;
}
