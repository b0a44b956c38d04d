"""What is computed and why: model, equations, large-width theory, symbols, limits, source."""

import streamlit as st

from dashboard.components import controls
from dashboard.components.table import pair, predictions, theory_table
from dashboard.service import visitor
from dashboard.service.links import TABS
from dashboard.words import BIBTEX, covariance_latex, symbols

st.title("Theory")
settings = controls.sidebar()
p = settings.parameters
question, model, equations, symmetric, width, regimes_tab, glossary, limits = st.tabs(
    list(TABS.values()), default=TABS[visitor.get("tab")],
    **visitor.bound("tab", {title: name for name, title in TABS.items()}.get))

with question:
    st.markdown("""
Two pictures of large networks seem to contradict each other.

- **Benign overfitting, neural tangent kernel.** The network interpolates noisy data, and theory
  can say why that does little harm. But it learns no features: the weights hardly move.
- **Feature learning, mean field.** The neurons turn towards the directions that matter. But the
  theory describes a network that sees the population, and has nothing to say about overfitting.

Montanari and Urbani follow one network through both. For two layers trained by gradient flow
they find that learning and overfitting happen on **different time scales**, and that the scales
move apart as the width $m$ grows:

- first, in a time that does not grow with $m$, the network learns, and train and test error
  fall together;
- later, in a time that grows like $m$ according to the paper, the second layer grows, the noise is
  memorised, the train error falls to zero and the test error rises.

So there is a long stretch of time in which stopping is safe. How long it is at large
width is open. The paper expects a time of order $m$. In these equations, whose neurons are
identical, networks wider than some width rest on the plateau for good, and that
rest is unstable to differences between neurons (our findings, see *Limits and source*). How the
second layer starts (**lazy** or **mean-field**) decides what is learned in the first phase: the
best linear fit, or the features.
""")

with model:
    st.markdown(r"**Network** with $m$ neurons on the unit sphere, $\|w_i\|=1$, and parameters"
                r" $\theta = (a, W)$:")
    st.latex(r"f(x;\theta)=\frac1m\sum_{i=1}^m a_i\,\sigma(\langle w_i,x\rangle)")
    st.markdown("**Data**: $n$ samples in dimension $d$; only $k$ directions matter"
                " (here $k=1$, $U=u$).")
    st.latex(r"y_i=\varphi(U^{\mathsf T}x_i)+\varepsilon_i")
    st.latex(r"x_i\sim\mathsf N(0,I_d),\quad\varepsilon_i\sim\mathsf N(0,\tau^2)")
    st.markdown("**Training** is gradient flow on the empirical risk; $P_\\theta$ keeps the"
                " neurons on the sphere.")
    st.latex(r"\widehat{\mathcal R}_n(\theta)=\frac1{2n}\sum_{i=1}^n\big(y_i-f(x_i;\theta)\big)^2")
    st.latex(r"\dot\theta(t)=-\frac nd P_\theta\nabla\widehat{\mathcal R}_n(\theta(t))")
    st.markdown("The **overparametrisation ratio** counts samples per first-layer weight. First"
                r" $n,d\to\infty$ at fixed $m$, then $m\to\infty$ at fixed $\alpha$.")
    st.latex(rf"\alpha=\frac n{{md}}={p.alpha:g},\qquad\bar\alpha=\frac nd=\alpha m="
             rf"{p.alpha * p.m:g}")
    st.subheader("Gaussian approximation")
    st.markdown("""
The network's outputs on the samples are replaced by Gaussian fields $f^g_i(\\theta)$ with the
same mean and covariance; $\\widehat{\\mathcal R}{}^g_n$ is the risk they make. Then the
activation and the target enter through two functions only:
""")
    st.latex(r"""\begin{aligned}&\mathbb E\,f(x;\theta_1)f(x;\theta_2)\\&\quad=\frac1{m^2}
        \sum_{i,j}a_{1,i}\,a_{2,j}\,h(\langle w_{1,i},w_{2,j}\rangle)\end{aligned}""")
    st.latex(r"\mathbb E\,f(x;\theta)\varphi(U^{\mathsf T}x)=\frac1m\sum_i a_i\,"
             r"\hat\varphi(U^{\mathsf T}w_i)")
    st.latex(r"h(q)=\mathbb E\,\sigma(G_1)\sigma(G_2),\qquad \mathbb E\,G_1G_2=q")
    st.latex(r"""\begin{aligned}\hat\varphi(v)=\mathbb E\big\{&\sigma\big(\langle v,G\rangle+
        \sqrt{1-\|v\|^2}\,G_0\big)\\&\times\varphi(G)\big\}\end{aligned}""")
    st.markdown("with $G\\sim\\mathsf N(0,I_k)$ independent of $G_0\\sim\\mathsf N(0,1)$. With"
                " normalised Hermite coefficients $s_k$ of $\\sigma$ and $f_k$ of $\\varphi$:"
                " $h(q)=\\sum s_k^2q^k$, $\\hat\\varphi(q)=\\sum s_kf_kq^k$,"
                " $\\|\\varphi\\|^2=\\sum f_k^2$. At the present settings:")
    st.latex(covariance_latex("h(q)", "q", p.covariance.coefficients.h))
    st.latex(covariance_latex(r"\hat\varphi(v)", "v", p.covariance.coefficients.phi_hat))
    st.latex(rf"\|\varphi\|^2={p.phi_norm2:.4g}")

with equations:
    st.markdown(r"""
Gradient flow couples all $md+m$ weights through the data. **Dynamical mean-field theory**
(DMFT) averages over the data and leaves a closed system for a few functions of time:

1. Write the flow as interacting differential equations, with multipliers $\nu_i(t)$ for
   $\|w_i\|=1$.
2. Write the sum over all its histories as a *dynamical partition function*. Grassmann variables
   carry the Jacobian, so that the average over the Gaussian fields can be done exactly.
3. For $n,d\to\infty$ the path integral *concentrates* around its saddle point.

What remains is effectively one particle per neuron, in a noise of known covariance and with a
**memory** of its past. For $m$ neurons these are $O(m^2)$ functions of two times.
""")
    st.latex(r"\dot a=-\tfrac nd\nabla_a\widehat{\mathcal R}_n,\qquad"
             r"\dot w_i=-\tfrac nd\nabla_{w_i}\widehat{\mathcal R}_n-\nu_iw_i")
    st.markdown(r"**Order parameters**: overlaps $C_{ij}(t,s)=\langle w_i(t),w_j(s)\rangle$,"
                r" alignments $v_i=U^{\mathsf T}w_i$, responses $R_{ij}$ of $w_i(t)$ to a field on"
                r" $w_j(s)$, and the residuals' response $R_A$ and covariance $C_A$.")
    st.markdown("Second layer (C.7):")
    st.latex(r"""\begin{aligned}&\dot a_i(t)=\\&-\alpha\!\int_0^t\!R_A(t,s)\Big[\tfrac1m\sum_l
        a_l(s)h(C_{li}(s,t))\\&\qquad\qquad-\hat\varphi(v_i(t))\Big]ds\\
        &-\alpha\!\int_0^t\!C_A(t,s)\tfrac1m\sum_l a_l(s)\\&\qquad\qquad\times
        h'(C_{li}(s,t))R_{il}(t,s)\,ds\end{aligned}""")
    st.markdown("Alignment with the target (C.8):")
    st.latex(r"""\begin{aligned}\dot v_i(t)=&-\nu_iv_i+\alpha a_i\nabla\hat\varphi(v_i)\!
        \int_0^t\!R_A(t,s)\,ds\\&-\tfrac1m\sum_j\int_0^t\!M^R_{ij}(t,s)v_j(s)\,ds
        \end{aligned}""")
    st.markdown("Overlaps (C.9):")
    st.latex(r"""\begin{aligned}&\partial_{t}C_{ij}(t,t')=-\nu_iC_{ij}\\
        &+\alpha a_i\langle\nabla\hat\varphi(v_i),v_j(t')\rangle\!\int_0^{t}\!R_A(t,s)\,ds\\
        &-\tfrac1m\sum_l\int_0^{t}\!M^R_{il}(t,s)C_{lj}(s,t')\,ds\\
        &-\tfrac1m\sum_l\int_0^{t'}\!M^C_{il}(t,s)R_{jl}(t',s)\,ds\end{aligned}""")
    st.markdown("Responses (C.10):")
    st.latex(r"""\begin{aligned}&\partial_{t}R_{ij}(t,t')=-\nu_iR_{ij}+\delta_{ij}\delta(t-t')\\
        &-\tfrac1m\sum_l\int_{t'}^{t}\!M^R_{il}(t,s)R_{lj}(s,t')\,ds\end{aligned}""")
    st.markdown("Memory kernels and residuals (C.11–C.21), as operators in time:")
    st.latex(r"""\begin{aligned}
        M^R_{ij}&=\alpha a_i(t)a_j(s)\,[R_Ah'(C_{ij})\\&\qquad+C_Ah''(C_{ij})R_{ij}]\\
        M^C_{ij}&=\alpha a_i(t)a_j(s)\,C_Ah'(C_{ij})\\
        R_A&=(1+\Sigma_R)^{-1},\quad C_A=-R_A\Sigma_CR_A^{\mathsf T}\\
        \Sigma_R&=\tfrac1{m^2}\sum_{ij}a_i(t)a_j(s)\,h'(C_{ij})R_{ij}\\
        \Sigma_C&=\tau^2+\|\varphi\|^2\\&\quad+\tfrac1{m^2}\sum_{ij}a_i(t)a_j(s)\,h(C_{ij})\\
        &\quad-\tfrac1m\sum_l[a_l\hat\varphi(v_l)(t)+a_l\hat\varphi(v_l)(s)]\end{aligned}""")

with symmetric:
    st.markdown(r"""
Start all neurons alike: $w_i(0)$ uniform on the sphere, $a_i(0)=a_0$. Gradient flow keeps the
symmetry, so one diagonal and one off-diagonal function replace each matrix: $C_d,C_o,R_d,R_o$,
with $v$, $a$, $\nu$ common to all neurons, and $R_A,C_A$. **Their number no longer grows with
$m$** (C.29–C.46).

A symmetric matrix has two eigenspaces. In $X_\perp=X_d-X_o$ ($m-1$ modes) and
$X_\parallel=X_d+(m-1)X_o$ (one mode) all products decouple. This is what the solver behind
these pages integrates:
""")
    st.latex(r"""\begin{aligned}
        (\partial_t+\nu)R_x&=\delta-K^R_xR_x,\qquad x\in\{\perp,\parallel\}\\
        (\partial_t+\nu)C_\perp&=-K^R_\perp C_\perp-K^C_\perp R_\perp^{\mathsf T}\\
        (\partial_t+\nu)\tilde C&=-K^R_\parallel\tilde C-K^C_\parallel R_\parallel^{\mathsf T}\\
        \dot v&=-\nu v+\alpha a\,\hat\varphi'(v)I_A-K^R_\parallel v\end{aligned}""")
    st.markdown(r"Here $C_\parallel=\tilde C+m\,v\,v^{\mathsf T}$, $I_A(t)=\int_0^tR_A(t,s)\,ds$,"
                r" $K_\perp=(M_d-M_o)/m$, $K_\parallel=(M_d+(m-1)M_o)/m$, and $\nu$ follows from"
                r" $C_d(t,t)=1$. The second layer (a prime stands for time $s$):")
    st.latex(r"""\begin{aligned}&\dot a=\alpha\hat\varphi(v)I_A\\
        &-\tfrac\alpha m\!\int\!R_Aa'\,[h(C_d)+(m-1)h(C_o)]\\
        &-\tfrac\alpha m\!\int\!C_Aa'\,[h'(C_d)R_d\\&\qquad+(m-1)h'(C_o)R_o]\end{aligned}""")
    st.markdown("**Errors** in the limit of large $n$ and $d$ (C.45, C.46):")
    st.latex(r"e_{\rm tr}(t)=-\tfrac12C_A(t,t)")
    st.latex(r"""\begin{aligned}e_{\rm ts}(t)=\tfrac12\Big[&\tau^2+\|\varphi\|^2-2a\hat\varphi(v)\\
        &+\tfrac{a^2}mh(1)+\tfrac{m-1}ma^2h(C_o(t,t))\Big]\end{aligned}""")

with width:
    st.markdown(r"""
SymmDMFT can be solved numerically, but does not yet say how the weights behave. For that also
$m\to\infty$: $1/m$ is a small parameter that multiplies the fast terms, and the solution is
pieced together by **singular perturbation theory**, one time scale at a time:

1. **Hypothesise** how the solution behaves on one time scale, $t=\Theta(m^\omega)$.
2. **Check** that the hypothesis solves the DMFT equations up to higher orders.
3. **Confirm** it on the numerical solution of the DMFT equations.

The answer depends on the second layer at the start: **lazy**, $a_0=\gamma_0\sqrt m$, or
**mean-field**, $a_0=O(1)$. The natural measure of the second layer is the complexity
$\gamma(t)=a(t)/\sqrt m$. Write $\tilde h(z)=h(z)-h'(0)z$.
""")
    st.subheader("Lazy")
    st.markdown(r"**$t=O(1/m)$**: with $s=mt$ and $K=\alpha\gamma_0^2h'(0)$ the solution is"
                r" explicit (F.50–F.59). Train and test error agree and relax to a plateau:")
    st.latex(r"""\begin{aligned}\sqrt m\,v&\to\tfrac{\hat\varphi'(0)}{\gamma_0h'(0)}
        (1-e^{-Ks})\\e_{\rm tr}=e_{\rm ts}&\to e_{\rm plateau}(\gamma_0)\\
        &\quad+\tfrac12\Big[\gamma_0^2h'(0)+\tfrac{\hat\varphi'(0)^2}{h'(0)}\Big]e^{-2Ks}\end{aligned}""")
    st.markdown("The plateau is the best linear fit plus the price of a random second layer (2.7):")
    st.latex(r"""\begin{aligned}e_{\rm plateau}(\gamma)&=\tfrac12\big[\tau'^2+\gamma^2
        (h(1)-h'(0))\big]\\\tau'^2&=\tau^2+\|\varphi\|^2-\hat\varphi'(0)^2/h'(0)\end{aligned}""")
    st.markdown(r"""
**$t=\Theta(1)$**: only the $\perp$ sector still moves. It obeys the same equations with
$h\to\tilde h$, no signal, and noise $\tau'$: what the linear fit leaves over is noise to it.
The neurons move by $\Theta(1)$ orthogonally to $u$, $\gamma=\gamma_0+o(1)$, and the train error
falls while the test error stays.

**Threshold.** At fixed $\gamma$ this flow ends at a train error $e_\infty(\gamma)$. The least
$\gamma$ with $e_\infty=0$ is the threshold (2.8):
""")
    st.latex(r"\gamma^*(\alpha,\varphi,\tau)=\tau'\,\gamma^*(\alpha,0,1)")
    st.markdown(r"""
For $\gamma_0>\gamma^*$ the network interpolates now, and the story ends. Close to the threshold
that takes ever longer, about $|\alpha^*-\alpha|^{-2}$. With the second layer frozen at $a=1$ the
threshold lies at a fixed number of samples per dimension instead: for pure noise, $\tau=1$ and
$h=0.3z+z^2/2$, at $n/d\approx1.18$ as $m\to\infty$ (H.3).

**$t=\Theta(m)$, only if $\gamma_0<\gamma^*$**: $a(t)=\gamma(t)\sqrt m$ grows slowly, and the
first layer follows adiabatically: the pair $(\gamma,e_{\rm tr})$ slides along the curve
$(\gamma,e_\infty(\gamma))$ until $\gamma=\gamma^*$ and $e_{\rm tr}=0$. The test error rises
along $e_{\rm plateau}(\gamma(t))$ (F.48, F.81).
""")
    st.subheader("Mean-field")
    st.markdown(r"**$t=\Theta(1)$**: with $h'(0)>0$ the neurons act as one, and see the population"
                r" (2.10):")
    st.latex(r"""\begin{aligned}\dot v&=\alpha a(1-v^2)\big(\hat\varphi'(v)-a\,h'(v^2)\,v\big)\\
        \dot a&=\alpha\big(\hat\varphi(v)-a\,h(v^2)\big)\end{aligned}""")
    st.markdown(r"""
Here $e_{\rm tr}=e_{\rm ts}=\frac12[\tau^2+\|\varphi\|^2-2a\hat\varphi(v)+a^2h(v^2)]$. For
$\varphi=\sigma$ the flow ends at the fixed point $a=v=1$, where both errors are the Bayes error
$\tau^2/2$. The corrections of order $1/m$ grow linearly in $t$ (G.49–G.76), which announces
another scale at $t=\Theta(m)$.

**$t=\Theta(m)$**: $\gamma$ grows from 0 to about $\gamma^*$, so $a=O(\sqrt m)$. The train error
falls to zero, the test error rises, and the feature is **unlearned**: $v=\Theta(1/\sqrt m)$,
while $a\,v$ stays of order 1.

**Pure noise** has one more scale, $t=\Theta(\sqrt m)$: the $\perp$ sector is gradient flow in a
spherical mixed $p$-spin glass with covariance $\tilde h$ (G.14–G.28), and $a$ grows like
$\tau\sqrt\alpha\,|E|\,t/\sqrt m$, with $E$ the glass's threshold energy.
""")

with regimes_tab:
    st.markdown("What the theory says at the present settings, for both initialisations. The page"
                " *Lazy vs mean-field* sets the two runs' measurements beside it.")
    theory_table(settings)
    st.subheader("The formulas, filled in")
    runs = pair(settings)
    if runs:
        st.table(predictions(runs).set_index("Quantity"), border="horizontal")
    st.caption("Theory: closed forms for m → ∞. Run: the numerical solution at the present width."
               " A dash: not a quantity of a run, or the run has not reached it.")

with glossary:
    st.markdown("**Parameters**")
    st.table(symbols("parameters"), border="horizontal")
    st.markdown("**What is computed**")
    st.table(symbols("observables"), border="horizontal")

with limits:
    st.markdown(r"""
**The curves are exact for**: the Gaussian model, $n,d\to\infty$ at fixed $m$, gradient flow,
symmetric start.

**They are an approximation for**

- *real networks*: the Gaussian fields agree with the activation's outputs in mean and
  covariance only. In a first experiment (cubic activation, $m=64$, $\alpha=0.6$, $\tau=0.3$)
  gradient descent left the plateau several times earlier;
- *finite $d$*: curves of single runs scatter around these;
- *stochastic gradient descent*: small steps and batches follow gradient flow, large ones do
  not;
- *other starts*: with unequal second-layer weights the general equations (C.7–C.21) are needed.

**The regimes are asymptotic.** At finite $m$ they blend into each other; the shaded edges are
geometric means of neighbouring scales, and constants such as $\alpha\gamma_0^2$ move the real
crossovers.

**How the overfitting time grows with $m$** from the mean-field start is open. The paper's numerics
do not settle it. A solver with implicit steps can hold an unstable plateau too long; this one
shortens its steps where $\gamma$ or $v$ leaves a plateau exponentially. The wide runs that stay
end in the same state at steps that differ twelvefold: within these equations they seem to be at
rest there (our observation, on the page *Regimes and thresholds*, and no proof; the paper expects
$t=\Theta(m)$). In the general equations that rest is unstable: a difference between neurons,
however small, grows at a rate of order $1/m$, so that unequal neurons overfit at $t=\Theta(m)$
after all, up to a logarithm. From a lazy start with a $z^2$ term they also learn the $z^2$ part of
the target, which identical neurons cannot. Both are findings of ours, not statements of the paper.

**More in the paper**: the link to spin glasses; bounds at finite $n$ and $d$ (section 3). One
bounds the gap between train and test error up to $t=o((n/d)^{1/4})$, the other keeps the network
close to the mean-field flow for a time that grows like a power of $\log m$ and $\log n/d$. They
suppose bounded Lipschitz activations; the cubic and the quadratic one of the paper's own examples,
and of these pages, are not bounded, so the theorems do not cover them. The talk adds μP scaling
and the implicit bias through the second layer; the paper does not speak of μP.
""")
    st.subheader("Source")
    st.markdown("Andrea Montanari and Pierfrancesco Urbani, *Dynamical decoupling of generalization"
                " and overfitting in large two-layer networks*,"
                " [arXiv 2502.21269](https://arxiv.org/abs/2502.21269), NeurIPS 2025. Equation"
                " numbers on these pages are the paper's. The tour follows a talk on the paper by"
                " Mahdi Zamani.")
    st.code(BIBTEX, language="bibtex", wrap_lines=True)
