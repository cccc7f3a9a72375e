// What made a curve rise? The accounts of `emergence.phase_transitions.accounts`, weighed in the page as the package weighs
// them: the same priors, the same optimiser, the same Laplace approximation. A test compares the two on random curves. No
// server, no interpreter: nothing leaves the page.
(() => {
  "use strict";
  const TINY = 1e-12, NUISANCES = 5, FAR = 15;
  const ABRUPT = 0.9, NOT_ABRUPT = 0.1, ALIKE = 10, FEWEST = 6, MOST = 200, LUCK_OF_ONE = 0.25, GAP = 4, AS_NAMED = 0.1, NOT_AS_NAMED = 0.95, YEARS = [1950, 2100], MOST_LOG = 40, LOG_SPAN = 10, TURNED = 0.3, UNKNOWN_ITEMS = [100, 1000, 10000];

  // --- special functions -------------------------------------------------------------------------------------------------
  const expit = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
  const logExpit = (x) => (x >= 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x)));
  const logit = (p) => Math.log(p / (1 - p));
  const clip = (x, low, high) => Math.min(Math.max(x, low), high);
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const logAddExp = (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));

  function logSumExp(values) {
    const top = Math.max(...values);
    return Number.isFinite(top) ? top + Math.log(sum(values.map((v) => Math.exp(v - top)))) : top;
  }

  // The complementary error function: a series of positive terms near 0, a continued fraction far from it.
  function erfc(x) {
    if (x < 0) return 2 - erfc(-x);
    if (x < 2.5) {
      let term = x, total = x;
      for (let n = 1; term > 1e-18 * total && n < 200; n += 1) {
        term *= (2 * x * x) / (2 * n + 1);
        total += term;
      }
      return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
    }
    let below = x;
    for (let n = 80; n >= 1; n -= 1) below = x + n / 2 / below;
    return Math.exp(-x * x) / (below * Math.sqrt(Math.PI));
  }
  const ndtr = (x) => 0.5 * erfc(-x / Math.SQRT2);

  function ndtri(p) {
    let [low, high] = [-40, 40];
    for (let i = 0; i < 80; i += 1) {
      const middle = (low + high) / 2;
      if (ndtr(middle) < p) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  // --- small linear algebra ------------------------------------------------------------------------------------------------
  function solve(matrix, right) {
    const a = matrix.map((row, i) => [...row, right[i]]), n = a.length;
    for (let i = 0; i < n; i += 1) {
      let at = i;
      for (let r = i + 1; r < n; r += 1) if (Math.abs(a[r][i]) > Math.abs(a[at][i])) at = r;
      [a[i], a[at]] = [a[at], a[i]];
      for (let r = i + 1; r < n; r += 1) {
        const f = a[r][i] / a[i][i];
        if (f) for (let c = i; c <= n; c += 1) a[r][c] -= f * a[i][c];
      }
    }
    const x = new Array(n);
    for (let i = n - 1; i >= 0; i -= 1) {
      let rest = a[i][n];
      for (let c = i + 1; c < n; c += 1) rest -= a[i][c] * x[c];
      x[i] = rest / a[i][i];
    }
    return x;
  }

  // Eigenvalues of a symmetric matrix, by Jacobi's rotations.
  function eigenvalues(matrix) {
    const a = matrix.map((row) => [...row]), n = a.length;
    for (let sweep = 0; sweep < 60; sweep += 1) {
      let off = 0, all = 0;
      for (let i = 0; i < n; i += 1) for (let j = 0; j < n; j += 1) {
        all += a[i][j] ** 2;
        if (i !== j) off += a[i][j] ** 2;
      }
      if (off <= 1e-28 * all) break;
      for (let p = 0; p < n - 1; p += 1) for (let q = p + 1; q < n; q += 1) {
        if (a[p][q] === 0) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1), s = t * c;
        for (let k = 0; k < n; k += 1) [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]];
        for (let k = 0; k < n; k += 1) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
      }
    }
    return a.map((row, i) => row[i]);
  }

  // --- what each account expects: unknowns t, place on the axis u, and its own place c ----------------------------------------
  const line = (t, u, level, spread, rise, rises) => level + spread * t[0] + (rise + rises * t[1]) * (u - 0.5);
  const bowl = (u) => (u - 0.5) ** 2 - 1 / 12;
  const step = (t, u, c) => expit(line(t, u, -0.5, 2.5, 2, 3) + Math.exp(Math.log(4) + 0.45 * t[2]) * ((u > c ? 1 : 0) - 0.5));
  const LATENT = {
    share: {
      "no change": (t) => expit(-0.5 + 2.5 * t[0]),
      "log-odds": (t, u) => expit(line(t, u, -0.5, 2.5, 5, 5)),
      curved: (t, u) => expit(line(t, u, -0.5, 2.5, 5, 5) + 4 * t[2] * bowl(u)),
      probit: (t, u) => ndtr(line(t, u, -0.5, 2.5, 5, 5) / 1.702),
      cloglog: (t, u) => -Math.expm1(-Math.exp(Math.min(line(t, u, -0.7, 2, 4, 4), 30))),
      "power law": (t, u) => Math.exp(-logAddExp(0, -8 * line(t, u, -1.5, 1.5, 3.5, 3)) / 8),
      loss: (t, u) => Math.exp(-Math.exp(Math.min(-line(t, u, 0, 1.5, 2.5, 2.5), 30))),
      parts: (t, u) => expit(line(t, u, -0.5, 2.5, 5, 5)),
      difficulties: (t, u) => {
        const middle = line(t, u, -0.5, 2.5, 5, 5), easy = expit(1.2 * t[2]), apart = Math.exp(Math.log(5) + 0.5 * t[3]);
        return easy * expit(middle + apart * (1 - easy)) + (1 - easy) * expit(middle - apart * easy);
      },
      kink: (t, u, c) => expit(-1.5 + 2.5 * t[0] + (2 + 3 * t[1]) * (u - c) + Math.exp(Math.log(12) + 0.6 * t[2]) * Math.max(u - c, 0)),
      step,
      seeds: step,
    },
    loss: {
      "no change": (t) => 0.5 + t[0],
      "power law": (t, u) => line(t, u, 0.5, 1, -1, 1),
      "power law above a floor": (t, u) => Math.log(expit(1.5 * t[2]) + Math.exp(clip(line(t, u, 0, 1.5, -2, 1.5), -30, 30))),
      fade: (t, u) => Math.log(expit(1.5 * t[2]) + Math.exp(0.5 + t[3]) * expit(-line(t, u, 0, 2.5, 5, 5))),
      curved: (t, u) => line(t, u, 0.5, 1, -1, 1) + t[2] * bowl(u),
      "broken power law": (t, u, c) => 0.5 + t[0] + (-0.7 + 0.7 * t[1]) * (u - c) - Math.exp(Math.log(3) + 0.7 * t[2]) * Math.max(u - c, 0),
      step: (t, u, c) => line(t, u, 0.5, 1, -0.7, 0.7) - Math.exp(Math.log(0.7) + 0.7 * t[2]) * ((u > c ? 1 : 0) - 0.5),
    },
  };
  const LINES = {
    "log-odds": [-0.5, 2.5, 5, 5, logit],
    curved: [-0.5, 2.5, 5, 5, logit],
    parts: [-0.5, 2.5, 5, 5, logit],
    difficulties: [-0.5, 2.5, 5, 5, logit],
    probit: [-0.5, 2.5, 5, 5, (p) => 1.702 * ndtri(p)],
    cloglog: [-0.7, 2, 4, 4, (p) => Math.log(-Math.log1p(-p))],
    loss: [0, 1.5, 2.5, 2.5, (p) => -Math.log(-Math.log(p))],
    "power law": [-1.5, 1.5, 3.5, 3, Math.log],
  };

  function expectedShare(account, theta, data, u, c) {
    let ability = LATENT.share[account.name](theta.slice(NUISANCES), u, c);
    if (account.name === "parts") ability **= data.parts;
    const floor = data.chance + (1 - data.chance) * expit(-5.3 + 1.7 * theta[2]), ceiling = expit(5 - 1.5 * theta[3]);
    return floor + (Math.max(ceiling, floor) - floor) * ability;
  }

  // What is expected of the measured z, and the scatter between models, at every point.
  function measured(account, theta, data, c) {
    const middle = [], scatter = [];
    data.u.forEach((u, i) => {
      const change = 2.5 * theta[1] * (u - 0.5);
      if (data.kind === "loss") {
        scatter.push(Math.exp(Math.log(0.03) + 1.2 * theta[0] + change));
        middle.push(LATENT.loss[account.name](theta.slice(NUISANCES), u, c));
        return;
      }
      const share = clip(expectedShare(account, theta, data, u, c), TINY, 1 - TINY), n = data.items[i];
      const q = (n * share + 0.375) / (n + 0.75);
      middle.push(Math.asin(Math.sqrt(q)));
      scatter.push((Math.exp(Math.log(0.15) + 0.9 * theta[0] + change) * share * (1 - share)) / (2 * Math.sqrt(q * (1 - q))));
    });
    return [middle, scatter];
  }

  // Standardised one-step errors and the logarithms of their variances; over training a scalar Kalman filter.
  function innovations(middle, scatter, theta, data) {
    const errors = [], logs = [];
    if (!data.lags) {
      data.z.forEach((z, i) => {
        const variance = scatter[i] ** 2 + data.noise[i];
        errors.push((z - middle[i]) / Math.sqrt(variance));
        logs.push(Math.log(variance));
      });
      return [errors, logs];
    }
    const memory = expit(1.2 * theta[4]);
    let mean = 0, spread = 1;
    data.z.forEach((z, i) => {
      const kept = i ? memory ** data.lags[i] : 0;
      mean *= kept;
      spread = kept ** 2 * spread + 1 - kept ** 2;
      const g = scatter[i], variance = g ** 2 * spread + data.noise[i], error = z - middle[i] - g * mean, gain = (spread * g) / variance;
      errors.push(error / Math.sqrt(variance));
      logs.push(Math.log(variance));
      mean += gain * error;
      spread *= 1 - gain * g;
    });
    return [errors, logs];
  }

  // Errors and log variances by point and state: one state, and two for runs that land low or high by chance.
  function pieces(account, theta, data, c) {
    const places = account.name === "seeds" ? [-1, 2] : [c];
    const states = places.map((place) => innovations(...measured(account, theta, data, place), theta, data));
    const t = theta.slice(NUISANCES);
    const odds = account.name === "seeds" ? data.u.map((u) => 1.5 * t[3] + (2.5 + 2.5 * t[4]) * (u - 0.5)) : null;
    return { errors: states.map((s) => s[0]), logs: states.map((s) => s[1]), odds };
  }

  function objective({ errors, logs, odds }, theta) {
    const prior = 0.5 * sum(theta.map((t) => t * t));
    const each = (s, i) => -0.5 * (errors[s][i] ** 2 + logs[s][i]);
    const points = errors[0].map((_, i) => i);
    if (!odds) return [prior - sum(points.map((i) => each(0, i))), [points.map(() => 1)]];
    let total = 0;
    const state = [[], []];
    for (const i of points) {
      const joint = [each(0, i) + logExpit(odds[i]), each(1, i) + logExpit(-odds[i])], all = logSumExp(joint);
      total += all;
      state[0].push(Math.exp(joint[0] - all));
      state[1].push(Math.exp(joint[1] - all));
    }
    return [prior - total, state];
  }

  // Gradient and Fisher information of minus the log posterior, by forward differences.
  function curvature(account, theta, data, c, at, state) {
    const h = 1e-5, count = theta.length, points = data.u.length;
    const moved = theta.map((_, k) => pieces(account, theta.map((t, j) => (j === k ? t + h : t)), data, c));
    const gradient = [...theta], fisher = theta.map((_, k) => theta.map((__, j) => (j === k ? 1 : 0)));
    state.forEach((weight, s) => {
      const dError = moved.map((m) => m.errors[s].map((e, i) => (e - at.errors[s][i]) / h));
      const dLog = moved.map((m) => m.logs[s].map((l, i) => (l - at.logs[s][i]) / h));
      for (let i = 0; i < points; i += 1) for (let k = 0; k < count; k += 1) {
        gradient[k] += weight[i] * (dError[k][i] * at.errors[s][i] + 0.5 * dLog[k][i]);
        for (let j = 0; j < count; j += 1) fisher[k][j] += weight[i] * (dError[k][i] * dError[j][i] + 0.5 * dLog[k][i] * dLog[j][i]);
      }
    });
    if (at.odds) {
      const dOdds = moved.map((m) => m.odds.map((o, i) => (o - at.odds[i]) / h));
      for (let i = 0; i < points; i += 1) {
        const share = expit(at.odds[i]);
        for (let k = 0; k < count; k += 1) {
          gradient[k] += dOdds[k][i] * (share - state[0][i]);
          for (let j = 0; j < count; j += 1) fisher[k][j] += dOdds[k][i] * dOdds[j][i] * share * (1 - share);
        }
      }
    }
    return [gradient, fisher];
  }

  // Damped Fisher scoring.
  function climb(account, start, data, c, steps) {
    let theta = [...start], at = pieces(account, theta, data, c), [value, state] = objective(at, theta), damping = 1e-2;
    for (let i = 0; i < steps; i += 1) {
      const [gradient, fisher] = curvature(account, theta, data, c, at, state);
      const damped = fisher.map((row, k) => row.map((f, j) => (j === k ? f * (1 + damping) : f)));
      let move = solve(damped, gradient).map((m) => -m);
      const shrink = Math.min(1, 3 / Math.max(Math.max(...move.map(Math.abs)), TINY));
      move = move.map((m) => m * shrink);
      const tried = theta.map((t, k) => t + move[k]), there = pieces(account, tried, data, c), [next, nextState] = objective(there, tried);
      const better = next < value, gain = better ? value - next : Infinity;
      damping = better ? damping / 6 : damping * 8;
      if (better) [theta, at, value, state] = [tried, there, next, nextState];
      if (!(gain > 1e-4 && damping < 1e8)) break;
    }
    return { theta, value };
  }

  function laplace(account, { theta, value }, data, c) {
    const h = 1e-4;
    const slopes = (at) => {
      const here = pieces(account, at, data, c);
      return curvature(account, at, data, c, here, objective(here, at)[1]);
    };
    const [gradient, fisher] = slopes(theta);
    const rows = theta.map((_, k) => slopes(theta.map((t, j) => (j === k ? t + h : t)))[0].map((g, j) => (g - gradient[j]) / h));
    const observed = rows.map((row, k) => row.map((v, j) => (v + rows[j][k]) / 2));
    const sizes = eigenvalues(observed), firm = Math.min(...sizes) > 0.1;
    return -value - 0.5 * sum((firm ? sizes : eigenvalues(fisher)).map((s) => Math.log(Math.abs(s))));
  }

  function ridge(columns, target, weight) {
    const p = columns[0].length;
    const normal = Array.from({ length: p }, (_, j) => Array.from({ length: p }, (__, k) => sum(columns.map((row, i) => weight[i] * row[j] * row[k])) + (j === k ? 1 : 0)));
    return solve(normal, Array.from({ length: p }, (_, j) => sum(columns.map((row, i) => weight[i] * row[j] * target[i]))));
  }

  function startsOf(account, data, c) {
    const blank = new Array(NUISANCES + account.unknowns).fill(0);
    if (data.kind === "loss") return [blank];
    const seen = data.z.map((z) => Math.sin(z) ** 2), least = Math.min(...seen), starts = [];
    for (const rises of [0, 0.9]) {
      const start = [...blank], floor = Math.max(data.chance, rises * least);
      const extra = clip((floor - data.chance) / (1 - data.chance), 1e-3, 0.2);
      start[2] = clip((logit(extra) + 5.3) / 1.7, -1, 2.7);
      const share = seen.map((s, i) => {
        const edge = 0.5 / (data.items[i] + 1), bare = clip((s - floor) / (1 - floor), edge, 1 - edge);
        return clip(account.name === "parts" ? bare ** (1 / data.parts) : bare, 1e-6, 1 - 1e-6);
      });
      const precise = share.map((s, i) => 1 / (1 / (Math.max(data.items[i], 1) * s * (1 - s)) + 0.06));
      const u = data.u;
      if (LINES[account.name]) {
        const [level, spread, rise, rises2, link] = LINES[account.name];
        const found = ridge(u.map((x) => [spread, rises2 * (x - 0.5)]), u.map((x, i) => link(share[i]) - level - rise * (x - 0.5)), precise);
        [start[NUISANCES], start[NUISANCES + 1]] = found;
      } else if (account.name === "kink") {
        const bend = u.map((x) => Math.max(x - c, 0));
        const found = ridge(u.map((x, i) => [2.5, 3 * (x - c), 8 * bend[i]]), u.map((x, i) => logit(share[i]) + 1.5 - 2 * (x - c) - 12 * bend[i]), precise);
        start.splice(NUISANCES, 3, found[0], found[1], Math.log(clip(12 + 8 * found[2], 2.5, 60) / 12) / 0.6);
      } else if (account.unknowns > 1) {
        const jump = u.map((x) => (x > c ? 1 : 0) - 0.5);
        const found = ridge(u.map((x, i) => [2.5, 3 * (x - 0.5), 2 * jump[i]]), u.map((x, i) => logit(share[i]) + 0.5 - 2 * (x - 0.5) - 4 * jump[i]), precise);
        start.splice(NUISANCES, 3, found[0], found[1], Math.log(clip(4 + 2 * found[2], 1.2, 12) / 4) / 0.45);
        if (account.name === "seeds") start[start.length - 2] = clip((2.5 * (0.5 - c)) / 1.5, -2, 2);
      }
      for (let k = NUISANCES; k < start.length; k += 1) start[k] = clip(start[k], -4, 4);
      starts.push(start);
    }
    if (account.name === "difficulties")
      return starts.flatMap((start) => [-1, 1].map((tilt) => start.map((s, k) => (k === NUISANCES + 2 ? tilt : s))));
    return account.name === "kink" ? starts.slice(0, 1) : starts;
  }

  function gapsOf(data) {
    return data.u.slice(1).map((u, i) => [(u + data.u[i]) / 2, u - data.u[i] > 1e-9 ? u - data.u[i] : 0]);
  }

  // NumPy rounds halves to the even number.
  const roundEven = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

  function placesOf(account, data) {
    if (account.name === "seeds") {
      const middles = gapsOf(data).map(([m]) => m), last = middles.length - 1;
      return [0, last / 2, last].map((at) => [middles[roundEven(at)], 1]);
    }
    if (account.place === "gap") return gapsOf(data);
    if (account.place === "grid") return Array.from({ length: 12 }, (_, k) => [(k + 0.5) / 12, 1 / 12]);
    return [[0.5, 1]];
  }

  // The evidence of one account: its likelihood averaged over its prior, summed over its places.
  function fit(account, data, steps = 30) {
    const places = placesOf(account, data), several = places.length > 1;
    const found = places.map(([c, weight]) => {
      if (weight <= 0) return null;
      const ends = startsOf(account, data, c).map((start) => climb(account, start, data, c, several ? 3 : steps));
      return ends.reduce((a, b) => (b.value < a.value ? b : a));
    });
    const least = Math.min(...found.filter(Boolean).map((f) => f.value)), total = sum(places.map(([, w]) => w));
    const table = found.map((f, i) => {
      if (!f || (several && !(f.value < least + FAR))) return -Infinity;
      const end = several ? climb(account, f.theta, data, places[i][0], steps) : f;
      found[i] = end;
      return laplace(account, end, data, places[i][0]);
    });
    const top = table.reduce((a, v, i) => (v > table[a] ? i : a), 0);
    const joint = table.map((v, i) => (v === -Infinity ? v : v + Math.log(places[i][1] / total)));
    const evidence = account.name === "seeds" ? table[top] : logSumExp(joint);
    const best = joint.reduce((a, v, i) => (v > joint[a] ? i : a), 0);
    return { evidence, theta: found[top].theta, place: places[top][0], gap: account.name === "seeds" ? top : best };
  }

  // --- a curve -----------------------------------------------------------------------------------------------------------
  function dataOf(curve, items) {
    const logs = curve.scales.map(Math.log), first = logs[0], range = logs.at(-1) - first;
    const u = logs.map((x) => (x - first) / range), loss = curve.kind === "loss", least = Math.min(...curve.scores);
    const z = curve.scores.map((y, i) => (loss ? Math.log(y / least) : Math.asin(Math.sqrt((items[i] * y + 0.375) / (items[i] + 0.75)))));
    const noise = items.map((n) => (loss ? 1e-8 : 1 / (4 * n + 2)));
    const lags = curve.over === "training" ? u.map((x, i) => (i ? (x - u[i - 1]) * (u.length - 1) : 0)) : null;
    return { u, z, noise, items, lags, chance: curve.chance ?? 0, parts: curve.parts ?? 1, kind: curve.kind };
  }

  function accountsOf(curve, accounts) {
    return accounts[curve.kind].filter((a) => (a.name !== "parts" || curve.parts > 1) && (a.name !== "seeds" || curve.over === "scale"));
  }

  function whyNot(curve) {
    const distinct = new Set(curve.scales).size;
    if (distinct < FEWEST) return `${distinct} scales; at least ${FEWEST} are needed to tell a step from a slope`;
    if (Math.max(...curve.scores) === Math.min(...curve.scores)) return "the score is the same at every scale";
    const chance = curve.chance ?? 0;
    if (chance > 0 && curve.kind === "share")
      for (const [i, y] of curve.scores.entries()) {
        const n = curve.items ? curve.items[i] : UNKNOWN_ITEMS[0];
        if (y < chance - 4 * Math.sqrt((chance * (1 - chance)) / n) - 0.02) return "scores lie below the level of guessing, which is then no floor";
      }
    return "";
  }

  // Weights of the accounts of a curve, and the verdict, as `attribute` gives them.
  function attribute(curve, accounts) {
    const reason = whyNot(curve);
    if (reason) return { weights: {}, verdict: "undecided", reason, alike: [], abrupt: NaN, range: [NaN, NaN], between: [NaN, NaN], lines: [] };
    const used = accountsOf(curve, accounts), single = new Set(curve.scales).size === curve.scales.length;
    const ones = (n) => curve.scales.map(() => n);
    const sizes = curve.kind === "loss" ? [ones(1)] : curve.items ? [curve.items] : UNKNOWN_ITEMS.map(ones);
    const made = sizes.map((items) => {
      const data = dataOf(curve, items), fits = used.map((account) => fit(account, data));
      const log = used.map((a, k) => fits[k].evidence + Math.log(a.name === "seeds" && single ? LUCK_OF_ONE : a.mass)), all = logSumExp(log);
      return { data, fits, weights: log.map((l) => Math.exp(l - all)) };
    });
    const broken = used.map((a) => a.family === "abrupt" || a.family === "seeds");
    const abruptOf = (weights) => sum(weights.filter((_, k) => broken[k]));
    const tried = made.map((m) => abruptOf(m.weights));
    const weights = used.map((_, k) => sum(made.map((m) => m.weights[k])) / made.length);
    const low = Math.min(...tried), high = Math.max(...tried);
    const verdict = low >= ABRUPT ? "abrupt" : high <= NOT_ABRUPT ? "not abrupt" : "undecided";
    let why = "";
    if (verdict === "undecided")
      why = tried.length > 1 && (high >= ABRUPT || low <= NOT_ABRUPT)
        ? "hangs on the number of test items, which is not known"
        : "accounts with a jump and those without are not far enough apart in weight";
    const order = used.map((_, k) => k).sort((a, b) => weights[b] - weights[a]);
    const alike = order.filter((k) => weights[k] * ALIKE >= weights[order[0]]).map((k) => used[k].name);
    if (single && curve.kind === "share" && curve.over === "scale" && alike[0] === "step" && !alike.includes("seeds")) alike.push("seeds");
    const middle = made[made.length >> 1], gap = middle.fits[used.findIndex((a) => a.name === "step")].gap;
    const lines = order.slice(0, 3).filter((k) => weights[k] >= 0.02 && used[k].name !== "seeds").map((k) => ({ account: used[k].name, points: lineOf(curve, used[k], middle, k) }));
    return {
      weights: Object.fromEntries(used.map((a, k) => [a.name, weights[k]])),
      abrupt: abruptOf(weights), range: [low, high], verdict, reason: why, alike,
      between: [curve.scales[gap], curve.scales[gap + 1]], lines, used, middle,
    };
  }

  function lineOf(curve, account, { data, fits }, k) {
    const unit = curve.kind === "loss" ? Math.min(...curve.scores) : 1, [first, last] = [curve.scales[0], curve.scales.at(-1)];
    return Array.from({ length: 81 }, (_, i) => {
      const u = i / 80, { theta, place } = fits[k];
      const y = curve.kind === "loss" ? Math.exp(LATENT.loss[account.name](theta.slice(NUISANCES), u, place)) : expectedShare(account, theta, data, u, place);
      return [first * (last / first) ** u, unit * y];
    });
  }

  // What a curve looks like so far, from what a forecaster sees; see `tournament.view_of`.
  function viewOf(scales, scores, noise = null, flat = 0.1, within = 1 / 6) {
    const u = scales.map(Math.log), fall = [];
    for (const y of scores) fall.push(Math.max(fall.at(-1) ?? -Infinity, Math.log(scores[0]) - Math.log(y)));
    let least = -Math.log1p(-flat);
    if (noise) least = Math.max(least, 2 * Math.hypot(noise[0], noise.at(-1)));
    if (fall.at(-1) < least || u.at(-1) <= u[0]) return "flat so far";
    const at = (wanted) => {
      // As NumPy interpolates where values repeat: the last point at or below.
      let i = fall.length - 1;
      while (i > 0 && fall[i] > wanted) i -= 1;
      return i === fall.length - 1 ? u[i] : u[i] + ((u[i + 1] - u[i]) * (wanted - fall[i])) / (fall[i + 1] - fall[i]);
    };
    return at(0.75 * fall.at(-1)) - at(0.25 * fall.at(-1)) < within * (u.at(-1) - u[0]) ? "a step so far" : "even so far";
  }

  // --- what to measure: `emergence.your_curve.design.plan` ------------------------------------------------------------------
  const ITEM_STEPS = [2, 4, 10, 30, 100], SEED_STEPS = [2, 3, 5, 8, 16], SCALE_STEPS = [1, 2, 3];

  function planOf(curve, found) {
    const { used, middle: made, weights } = found, names = used.map((a) => a.name);
    const order = names.map((_, k) => k).sort((a, b) => weights[names[b]] - weights[names[a]]);
    const sharp = (k) => used[k].family === "abrupt" || used[k].family === "seeds";
    let pair = found.alike.slice(0, 2).map((name) => names.indexOf(name));
    if (found.verdict === "undecided")
      pair = [order.find(sharp), order.find((k) => !sharp(k))].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    if (pair.length < 2) return { between: [], needed: 0, measures: [] };
    const [w, v] = pair.map((k) => Math.max(weights[names[k]], 1e-6)), needed = Math.log(9) + Math.abs(Math.log(w / v));
    const loss = curve.kind === "loss", { data, fits } = made, between = pair.map((k) => names[k]);
    const sorted = [...data.items].sort((a, b) => a - b), n = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
    const scatters = pair.map((k) => {
      const theta = fits[k].theta, centre = loss ? Math.log(0.03) + 1.2 * theta[0] : Math.log(0.15) + 0.9 * theta[0];
      return [-1.25, 1.25].map((c) => clip(Math.exp(centre + c * theta[1]), loss ? 0.002 : 0.02, loss ? 0.5 : 1));
    });
    const [first, last] = [0, 1].map((end) => (scatters[0][end] + scatters[1][end]) / 2);
    const logs = curve.scales.map(Math.log), range = logs.at(-1) - logs[0], u = [...new Set(logs)].map((x) => (x - logs[0]) / range);
    const runs = curve.scales.length / u.length, training = curve.over === "training", total = sum(curve.scales);
    const expected = (k, x) => (loss ? Math.exp(LATENT.loss[names[k]](fits[k].theta.slice(NUISANCES), x, fits[k].place)) : expectedShare(used[k], fits[k].theta, data, x, fits[k].place));
    const gap = (x, items, r) => {
      const [one, other] = pair.map((k) => expected(k, x)), s = first * (last / first) ** clip(x, 0, 1), m = (one + other) / 2;
      if (loss) return (Math.log(one) - Math.log(other)) ** 2 / ((2 * s * s) / r);
      const left = 1 / (4 * items + 2) + (s * s * m * (1 - m)) / 4 / r;
      return (Math.asin(Math.sqrt(one)) - Math.asin(Math.sqrt(other))) ** 2 / (2 * left);
    };
    const all = (items, r) => sum(u.map((x) => gap(x, items, r)));
    const least = (options) => options.find(([, nats]) => nats >= needed) ?? options.at(-1);
    const measures = [], luck = between.includes("seeds");
    if (!training) {
      const now = all(n, runs), tried = SEED_STEPS.filter((r) => r > runs).map((r) => [r, all(n, r) - now]);
      const [amount, nats] = luck ? [5, NaN] : least(tried.length ? tried : [[Math.round(runs), 0]]);
      measures.push({ kind: "seeds", amount, nats, cost: amount / runs - 1, enough: luck || nats >= needed, scales: [] });
    }
    if (luck) return { between, needed, measures };
    if (!loss) {
      const now = all(n, runs), [amount, nats] = least(ITEM_STEPS.map((f) => [f, all(f * n, runs) - now]));
      measures.push({ kind: "items", amount, nats, cost: 0, enough: nats >= needed, scales: [] });
      measures.push({ kind: "metric", amount: 1, nats: NaN, cost: 0, enough: false, scales: [] });
      if (!curve.items && found.reason.startsWith("hangs on the number of test items"))
        measures.push({ kind: "count", amount: 1, nats: NaN, cost: 0, enough: true, scales: [] });
    }
    const inside = Array.from({ length: 97 }, (_, i) => (i === 96 ? 0.98 : 0.02 + i * ((0.98 - 0.02) / 96))), gains = inside.map((x) => gap(x, n, 1)), picked = [];
    for (const k of inside.map((_, i) => i).sort((a, b) => gains[b] - gains[a]))
      if (picked.length < 3 && picked.every((p) => Math.abs(inside[k] - inside[p]) > 0.04)) picked.push(k);
    const [amount, nats] = least(SCALE_STEPS.map((c) => [c, sum(picked.slice(0, c).map((p) => gains[p]))]));
    const scales = picked.slice(0, amount).map((p) => Math.exp(logs[0] + range * inside[p])).sort((a, b) => a - b);
    measures.push({ kind: "between", amount, nats, cost: training ? 0 : sum(scales) / total, enough: nats >= needed, scales });
    if (!training) {
      const further = curve.scales.at(-1) * 3, more = gap(1 + Math.log(3) / range, n, 1);
      measures.push({ kind: "beyond", amount: 1, nats: more, cost: further / total, enough: more >= needed, scales: [further] });
    }
    const rank = (m) => (Number.isFinite(m.nats) ? -m.nats : 0);
    measures.sort((a, b) => a.enough === b.enough ? a.cost - b.cost || rank(a) - rank(b) : a.enough ? -1 : 1);
    return { between, needed, measures };
  }

  // What a forecaster would see: means by scale, as a loss or a share of wrong answers, with the noise of sampling.
  function lookOf(curve) {
    const scales = [...new Set(curve.scales)], at = scales.map((s) => curve.scales.flatMap((x, i) => (x === s ? [i] : [])));
    const means = at.map((rows) => sum(rows.map((i) => curve.scores[i])) / rows.length);
    if (curve.kind === "loss") return viewOf(scales, means);
    const wrong = means.map((y) => clip(1 - y, 1e-4, 1));
    const noise = curve.items && wrong.map((w, k) => {
      const n = sum(at[k].map((i) => curve.items[i]));
      return Math.sqrt(Math.max((1 - w) / (w * n), 0) + 0.25 / n ** 2);
    });
    return viewOf(scales, wrong, noise);
  }

  // --- reading a table ----------------------------------------------------------------------------------------------------
  const NAMES = {
    scale: ["scale", "params", "parameters", "n_params", "num_params", "model_size", "size", "compute", "flop", "flops", "train_flop", "training_compute", "tokens", "step", "steps", "checkpoint"],
    score: ["score", "value", "result", "accuracy", "acc", "exact_match", "error", "loss", "perplexity", "ppl"],
    items: ["items", "n_items", "n", "samples", "questions", "num_samples"],
    chance: ["chance", "baseline", "random"],
    seed: ["seed", "run", "replicate"],
    model: ["model", "name", "model_name"],
    metric: ["metric", "measure"],
    family: ["family", "series", "suite"],
    task: ["task", "benchmark", "dataset", "eval"],
  };
  const SHARES = new Set(["acc", "accuracy", "acc_norm", "exact_match", "em", "match", "includes", "choice", "f1", "mean", "pass_1", "pass_at_1", "success", "success_rate", "solve_rate", "solved", "rate", "share", "percent", "pct", "error", "errors", "error_rate", "wrong"]);
  const LOSSES = new Set(["loss", "nll", "ce", "cross_entropy", "log_loss", "logloss", "bits", "bpb", "bits_per_byte", "bits_per_token", "loss_of_right_answer"]);
  const PERPLEXITIES = new Set(["ppl", "perplexity", "word_perplexity", "byte_perplexity", "token_perplexity"]);
  const plain = (name) => name.trim().toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");

  // A number to six digits, as the package prints it.
  function g(x) {
    const short = Number(x.toPrecision(6));
    return short && (Math.abs(short) >= 1e6 || Math.abs(short) < 1e-4) ? short.toExponential().replace(/([+-])(\d)$/, (_, way, power) => `${way}0${power}`) : String(short);
  }

  function numberOf(cell) {
    let text = cell.trim().replace(/%$/, "").trim();
    if (/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) text = text.replaceAll(",", "");
    const size = text.match(/^(\d+(?:\.\d+)?)\s*([kmbt])$/i);
    if (size) return Number(size[1]) * { k: 1e3, m: 1e6, b: 1e9, t: 1e12 }[size[2].toLowerCase()];
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  }

  // The size that a model's name says, and its name without: what its family would be called.
  const SIZE = /(?<![\d.,])(\d+(?:\.\d+)?)\s*([kmbt])(?![a-z0-9])/gi, WORDS = /\b(?:xxl|xl|small|medium|large|base|mini|tiny|nano|micro|huge)\b/g;
  const EXPERTS = /\d[x×]\d+(?:\.\d+)?[kmbt](?![a-z0-9])/i, SMALLEST = 1e6; // below, a name says something else, as a length of context
  function sizeOf(name) {
    const found = new Set([...name.matchAll(SIZE)].map(([size]) => numberOf(size)));
    return found.size === 1 && Math.min(...found) >= SMALLEST && !EXPERTS.test(name) ? [...found][0] : NaN;
  }
  const stemOf = (name) => name.split("/").at(-1).toLowerCase().replaceAll("_", "-").replace(SIZE, " ").replace(WORDS, " ").replace(/[^a-z]+/g, " ").trim();

  // A count that is written as 20.000 is twenty to some and twenty thousand to others.
  function oneCount(cell, where) {
    const text = (cell ?? "").trim();
    if (/^\d{1,3}(\.\d{3})+$/.test(text)) throw new Error(`${where} '${text}', which is ${text.split(".")[0]} or ${text.replaceAll(".", "")}; needed: the digits without a point`);
  }

  // Scales that begin in millions and go on in billions fall once, and by a thousand they would rise on.
  function oneUnit(scales) {
    const given = scales.filter((s, i) => s !== scales[i - 1]);
    for (const row of [given, [...given].reverse()]) {
      const falls = row.flatMap((s, i) => (i && s < row[i - 1] ? [i] : [])), [large, small] = [row.slice(0, falls[0]), row.slice(falls[0])], last = large.at(-1);
      if (falls.length === 1 && large.every(Number.isInteger) && last < 1e4 && 1000 * small[0] > last && 1000 * small[0] < 10 * last && !large.some((s) => small.includes(s)))
        throw new Error(`scale: given ${g(last)} beside ${g(small[0])}, which stand in order where the one counts millions and the other billions; needed: each with its letter, as ${g(last)}M and ${g(small[0])}B`);
    }
  }

  const missing = (cell) => /^(?:|nan|n\/?a|null|none)$/i.test(cell ?? "");

  // The cells of a line; a separator between quotes parts nothing.
  function cellsOf(text, sign) {
    const cells = [""];
    let quoted = false;
    for (const char of text)
      if (char === '"') quoted = !quoted;
      else if (char === sign && !quoted) cells.push("");
      else cells[cells.length - 1] += char;
    return cells.map((c) => c.trim());
  }

  const NO_TEXT = /[\0-\x08\x0e-\x1f\ufffd]/, noText = (what) => `given ${what}, which is no text that can be read here, as a picture or a workbook is none; needed: CSV in UTF-8, a line of column names and a row for each score`;

  // A curve from a table as text, and what was taken for granted; a sentence with what was given and needed where that fails.
  function parse(text, { kind = "", items = "", chance = "", over = "" } = {}) {
    if (NO_TEXT.test(text)) throw new Error(noText("a table"));
    const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).filter((l) => l.trim() && l[0] !== "#"), notes = [];
    if (lines.length < 2) throw new Error("given no rows; needed: a line of column names, scale and score at least, and a row for each score");
    if (lines.length - 1 > MOST) throw new Error(`given ${(lines.length - 1).toLocaleString("en")} scores of one curve; needed: ${MOST} at most; average those at one scale, or keep some dozens of scales`);
    const sign = [",", ";", "\t", "|"].reduce((a, b) => (lines[0].split(b).length > lines[0].split(a).length ? b : a));
    const cells = lines.map((l) => cellsOf(l, sign).map((c) => (sign === ";" ? c.replace(/^(-?\d+),(\d+)(%?)$/, "$1.$2$3") : c)));
    const head = cells[0].map(plain), column = (ours) => NAMES[ours].map((n) => head.indexOf(n)).find((i) => i >= 0) ?? -1;
    const at = Object.fromEntries(Object.keys(NAMES).map((ours) => [ours, column(ours)]));
    const inNames = at.scale < 0 && at.model >= 0 && cells.slice(1).every((row) => sizeOf(row[at.model] ?? "") > 0);
    if (inNames) notes.push("Scales were read from the names of the models.");
    if ((at.scale < 0 && !inNames) || at.score < 0) {
      const none = at.scale < 0 && at.model >= 0 ? cells.slice(1).map((row) => row[at.model] ?? "").find((name) => Number.isNaN(sizeOf(name))) : undefined;
      const why = none?.match(SIZE) ? `; ${none} says no one number of parameters: of experts (8x7B) either all or the active ones may be meant, and below a million (4k) a length of context` : "";
      throw new Error(`given the columns ${cells[0].join(", ")}; needed: scale and score, such as params and accuracy${why}`);
    }
    cells.forEach((row, i) => {
      if (row.length !== head.length) throw new Error(`row ${i} has ${row.length} cells, the line of names ${head.length}; needed: as many of each`);
    });
    const twice = head.find((name, i) => name && head.indexOf(name) !== i);
    if (twice) throw new Error(`given two columns of one name (${twice}); needed: one of each, so that it is known which is meant`);
    for (const name of ["family", "task", "metric"])
      if (at[name] >= 0 && new Set(cells.slice(1).map((r) => r[at[name]])).size > 1) throw new Error(`given several values of ${name}; needed: one curve at a time here (review curve takes all of a file)`);
    const byName = ["step", "steps", "checkpoint"].includes(head[at.scale]);
    if (byName) notes.push(`The column ${cells[0][at.scale]} says training: the scores were taken as checkpoints of one run.`);
    for (const ours of ["scale", "score"]) {
      const there = NAMES[ours].map((n) => head.indexOf(n)).filter((i) => i >= 0).map((i) => cells[0][i]);
      if (there.length > 1) notes.push(`The column ${there[0]} was read as ${ours}, and ${there.slice(1).join(", ")} was not.`);
    }
    const names = new Set(["", "file", ...Object.values(NAMES).flat()]), unread = head.filter((name) => !names.has(name) && !name.startsWith("unnamed"));
    if (unread.length) {
      const more = unread.some((name) => SHARES.has(name) || LOSSES.has(name) || PERPLEXITIES.has(name)) ? " A second metric is read from rows of its own, named in a column metric." : "";
      notes.push(`The column${unread.length > 1 ? "s" : ""} ${unread.map((name) => cells[0][head.indexOf(name)]).join(", ")} ${unread.length > 1 ? "were" : "was"} not read.${more}`);
    }
    let rows = cells.slice(1).map((row, i) => {
      const value = (name) => (at[name] < 0 ? NaN : numberOf(row[at[name]] ?? ""));
      const [scale, score] = [inNames ? sizeOf(row[at.model]) : value("scale"), value("score")];
      for (const [name, v] of [["scale", scale], ["score", score], ...["items", "chance"].map((n) => [n, value(n)])])
        if (!Number.isFinite(v) && !missing(row[at[name]])) throw new Error(`${name}: row ${i + 1} is '${row[at[name]] ?? ""}'; needed: a number, such as 1.4e9, 1.4B or 0.35`);
      oneCount(row[at.items], `items: row ${i + 1} is`);
      return { scale, score, items: value("items"), chance: value("chance"), percent: (row[at.score] ?? "").trim().endsWith("%"), seed: row[at.seed] ?? "", model: row[at.model] ?? "", all: JSON.stringify(row), cell: row[at.scale] ?? "" };
    });
    for (const [name, text] of [["items", items], ["chance", chance]])
      if (text && Number.isNaN(numberOf(text))) throw new Error(`${name}: given '${text}'; needed: a number, digits with a point and no comma or space, such as 20000 or 0.25`);
    oneCount(items, "items: given");
    const lettered = rows.filter((r) => /^\d+(?:\.\d+)?\s*[kmbt]$/i.test(r.cell)), bare = rows.filter((r) => !lettered.includes(r) && Number.isFinite(r.scale));
    if (lettered.length > 1 && new Set(bare.map((r) => r.scale)).size === 1 && bare[0].scale < Math.min(...lettered.map((r) => r.scale)) / 10)
      throw new Error(`scale: row ${rows.indexOf(bare[0]) + 1} is '${bare[0].cell}', without a letter for thousands, millions or billions, which the others have, as ${lettered[0].cell}; needed: the scale with its letter, or all scales without`);
    const sizesNamed = rows.map((r) => Math.abs(Math.log10(r.scale / sizeOf(r.model)))), off = byName ? -1 : sizesNamed.findIndex((apart) => apart > NOT_AS_NAMED);
    if (off >= 0 && sizesNamed.filter((apart) => apart < AS_NAMED).length > sizesNamed.filter((apart) => !Number.isNaN(apart)).length / 2)
      throw new Error(`scale: row ${off + 1} is '${rows[off].cell}', and its model is ${rows[off].model}; needed: the size in the name, as the others have it, or names without a size`);
    const whole = rows.filter((r) => Number.isFinite(r.scale) && Number.isFinite(r.score));
    if (whole.length < rows.length) notes.push(`${rows.length - whole.length} of ${rows.length} rows have no scale or no score and were left out.`);
    rows = whole;
    if (rows.some((r) => r.scale <= 0)) throw new Error("given a scale of 0 or below; needed: scales above 0");
    const run = (r) => JSON.stringify([r.scale, r.seed, r.model]), once = rows.filter((r, i) => rows.findIndex((q) => q.all === r.all) === i);
    if (once.length < rows.length && new Set(once.map(run)).size === once.length) {
      notes.push(`${rows.length - once.length} rows repeat another row to the last cell and were counted once.`);
      rows = once;
    }
    if (!byName && over !== "training") oneUnit(rows.map((r) => r.scale));
    if (rows.some((r, i) => i && r.scale < rows[i - 1].scale)) notes.push("Rows were not in the order of scale and were sorted.");
    rows = rows.map((r, i) => [r, i]).sort((a, b) => a[0].scale - b[0].scale || a[1] - b[1]).map(([r]) => r);
    const distinct = new Set(rows.map((r) => r.scale)).size;
    if (distinct < 4) throw new Error(`given ${distinct} scales with scores; needed: 4 different scales at least, ${FEWEST} to weigh accounts of the curve`);
    const sizes = [...new Set(rows.map((r) => r.scale))];
    const steps = sizes.slice(1).map((s, i) => Math.log10(s / sizes[i])), [far, next] = [...steps].sort((a, b) => b - a);
    if (!byName && far > GAP && far > 2 * next) {
      const k = steps.indexOf(far);
      throw new Error(`scale: given ${g(sizes[k])} and then ${g(sizes[k + 1])}, ${far.toFixed(0)} powers of ten apart, where the others lie closer; needed: all scales in one unit, each with its suffix (10B), or the curve without what stands alone`);
    }
    const stems = [...new Set(rows.filter((r) => r.model).map((r) => stemOf(r.model)))].sort();
    if (stems.length > 1 && !cells[1][at.family]) throw new Error(`given models whose names differ by more than their size (${stems.slice(0, 4).map((s) => s || "no name").join(", ")}); needed: one family at a time here (review curve takes several, and with --mixed as one ladder)`);
    if (Math.log(sizes.at(-1) / sizes[0]) < 1e-3) throw new Error(`given scales from ${g(sizes[0])} to ${g(sizes.at(-1))}; needed: a range of a thousandth at least`);
    if (!byName && over !== "training" && sizes.every((s) => Number.isInteger(s) && s >= YEARS[0] && s <= YEARS[1]))
      throw new Error(`scale: given ${sizes[0]} to ${sizes.at(-1)}, which are years; needed: the size or the compute of each model, since a curve over dates is another question, or word that they are steps of training`);
    const again = rows.find((r, i) => r.seed && rows.findIndex((q) => run(q) === run(r)) < i), first = again && rows.find((q) => run(q) === run(again));
    if (again) throw new Error(`given seed ${again.seed} twice at scale ${g(again.scale)}, with the scores ${g(first.score)} and ${g(again.score)}; needed: one score of each run at a scale, or a seed for each run, and a column for what else tells them apart (task, metric)`);
    if (rows.length > distinct && at.seed < 0) {
      const two = rows.flatMap((r) => rows.filter((q) => q.scale === r.scale && q.model && r.model && q.model !== r.model).map((q) => [r, q]))[0];
      const whose = two ? ` At ${g(two[0].scale)} they are of ${two[0].model} and ${two[1].model}: two models are no two runs of one.` : "";
      notes.push(`${rows.length} scores stand at ${distinct} scales: scores at one scale were taken as separate runs (seeds).${whose}`);
    }
    const named = head[at.score], metric = at.metric >= 0 ? plain(cells[1][at.metric]) : ["score", "value", "result"].includes(named) ? "" : named;
    let scores = rows.map((r) => r.score);
    const [low, high] = [Math.min(...scores), Math.max(...scores)];
    const training = over || (byName ? "training" : "scale");
    const scales = rows.map((r) => r.scale), curve = { scales, scores, items: null, chance: 0, parts: 1, over: training };
    const taken = training === "scale" && scales.at(-1) <= MOST_LOG && scales.at(-1) < LOG_SPAN * scales[0] ? [`Scales from ${g(scales[0])} to ${g(scales.at(-1))} were taken as they stand; where they are logarithms, give 10 to their power.`] : [];
    const ofLoss = () => notes.push(...(falls(scales, scores.map((y) => -y)) ? ["The loss rises as scale grows. If the scores are shares right, say so above."] : turned(scales, scores)), ...taken);
    if (PERPLEXITIES.has(metric) && kind !== "share") {
      if (low <= 1) throw new Error(`given a perplexity of ${g(low)}; needed: above 1`);
      notes.push(`The metric ${metric} is a perplexity: its logarithm was taken as a loss.`);
      scores = scores.map(Math.log);
      ofLoss();
      return { curve: { ...curve, kind: "loss", scores }, notes, falling: false };
    }
    if (kind === "loss" || (!kind && LOSSES.has(metric))) {
      if (low <= 0) throw new Error(`given a loss of ${g(low)}; needed: above 0`);
      if (!kind) notes.push(`The metric ${metric} was taken as a loss.`);
      ofLoss();
      return { curve: { ...curve, kind: "loss" }, notes, falling: false };
    }
    if (rows.every((r) => r.percent) || kind === "percent" || (high > 1 && low >= 0 && high <= 100 && SHARES.has(metric))) {
      if (!(low >= 0 && high <= 100)) throw new Error(`given percentages from ${g(low)} to ${g(high)}; needed: from 0 to 100`);
      if (kind !== "percent" && !rows.every((r) => r.percent) && high < 2) throw new Error(`score: the largest is ${g(high)}; needed: shares up to 1, or percent chosen above where percent are meant`);
      if (low > 0 && low < 1 && high > 10 && !rows.every((r) => r.percent)) notes.push(`${g(low)} was taken as ${g(low)} percent beside ${g(high)}; if it is a share, give all scores in one form.`);
      if (kind !== "percent") notes.push(`Scores from ${g(low)} to ${g(high)}${metric ? ` of the metric ${metric}` : ""} were taken as percent.`);
      scores = scores.map((y) => y / 100);
    } else if (low < 0 || high > 1)
      throw new Error(`given scores from ${g(low)} to ${g(high)}, outside 0 to 1; needed: shares from 0 to 1, or word of what they are (percent, or a loss)`);
    else if (!metric && !kind) notes.push("No metric is named: scores between 0 and 1 were taken as shares. If they are a loss, say so above.");
    const levels = chance !== "" ? [numberOf(chance)] : [...new Set(rows.map((r) => r.chance).filter(Number.isFinite))];
    if (levels.length > 1) throw new Error(`given ${levels.length} levels of chance; needed: one for a curve`);
    let level = levels[0] ?? 0;
    if (chance === "" && level >= (scores.some((y, i) => y !== rows[i].score) ? 1 : 2) && level < 100) {
      notes.push(`The level of guessing, ${g(level)}, was taken as percent.`);
      level /= 100;
    }
    if (!(level >= 0 && level < 1)) throw new Error(`given a chance of ${chance || level}; needed: from 0 to below 1`);
    const counts = items !== "" ? rows.map(() => numberOf(items)) : rows.every((r) => Number.isFinite(r.items)) ? rows.map((r) => r.items) : null;
    if (counts && !counts.every((n) => n >= 10 && n <= 1e9)) throw new Error(`given ${items || g(counts.find((n) => !(n >= 10 && n <= 1e9)))} test items; needed: 10 to a billion, for a share of fewer says next to nothing`);
    if (!counts) notes.push(`The number of test items is ${rows.some((r) => Number.isFinite(r.items)) ? "missing in some rows and was taken as unknown for all" : "not known"}: 100, 1,000 and 10,000 are tried, and a verdict has to hold under each.`);
    notes.push(...taken);
    const odd = counts ? scores.findIndex((y, i) => noShareOf(rows[i].score, y, counts[i])) : -1;
    if (odd >= 0) notes.push(`${g(rows[odd].score)} of ${g(counts[odd])} is no share of the items that are said to stand behind it, however it was rounded: it was averaged, or there were others. The items were taken as given.`);
    const falling = falls(scales, scores);
    if (falling) {
      notes.push("The score falls as scale grows. The accounts are of a rise, so that one less the score is weighed; no level of guessing is assumed for it.");
      [scores, level] = [scores.map((y) => 1 - y), 0];
    }
    const below = scores.filter((y, i) => y < level - 3 * Math.sqrt((level * (1 - level)) / (counts ? counts[i] : UNKNOWN_ITEMS[0])));
    if (below.includes(Math.max(...scores))) throw new Error(`given a chance of ${g(level)}, above every score (the highest is ${g(Math.max(...scores))}); needed: the share that guessing gets right`);
    if (below.length > scores.length / 2) notes.push(`${below.length} of ${scores.length} scores lie further below the level of guessing, ${g(level)}, than luck explains: guessing is no floor of them, or the level is another.`);
    return { curve: { ...curve, kind: "share", scores, items: counts, chance: level }, notes, falling };
  }

  // Whether no whole number of right answers gives a share, to the digits in which it was printed.
  function noShareOf(printed, share, count) {
    const [, digits, power] = String(printed).match(/^\d*(?:\.(\d*))?(?:e-(\d+))?$/) ?? [], places = (digits ?? "").length + Number(power ?? 0);
    return Math.abs(share - Math.round(share * count) / count) > 0.5 * 10 ** -places * (printed ? share / printed : 1) * (1 + 1e-9);
  }

  // Kendall's rank correlation (b), and the means of both ends.
  // What is said of a loss that falls and then rises, which none of the accounts describes.
  function turned(scales, losses) {
    const at = [...new Set(scales)].sort((a, b) => a - b);
    const means = at.map((scale) => { const there = losses.filter((_, i) => scales[i] === scale); return sum(there) / there.length; });
    const least = Math.min(...means), range = Math.max(...means) - least, short = (x) => g(Number(x.toPrecision(3)));
    if (means.at(-1) - least <= TURNED * range || range < 0.02 * Math.abs(least)) return [];
    return [`The loss falls to ${short(least)} at scale ${short(at[means.indexOf(least)])} and rises to ${short(means.at(-1))} at the largest. No account here turns: the verdict and the forecasts do not speak of that rise, and a forecast that goes on falling is not to be trusted.`];
  }

  function falls(scales, scores) {
    if (Math.max(...scores) - Math.min(...scores) < 0.02) return false;
    let [agree, x, y] = [0, 0, 0];
    for (let i = 0; i < scores.length; i += 1) for (let j = 0; j < i; j += 1) {
      const [a, b] = [Math.sign(scales[i] - scales[j]), Math.sign(scores[i] - scores[j])];
      agree += a * b;
      x += a !== 0 ? 1 : 0;
      y += b !== 0 ? 1 : 0;
    }
    const third = Math.max(Math.floor(scores.length / 3), 1), mean = (values) => sum(values) / values.length;
    return agree / Math.sqrt(x * y) < -0.3 && mean(scores.slice(-third)) < mean(scores.slice(0, third));
  }

  window.reviewCurve = { attribute, planOf, lookOf, viewOf, parse, erfc, ndtri };

  // --- the page -----------------------------------------------------------------------------------------------------------
  const box = document.querySelector(".review-curve");
  if (!box) return;
  const { element, tableOf } = window.review, known = JSON.parse(box.querySelector("script").textContent);
  const form = box.querySelector("form"), wrong = box.querySelector(".review-curve__error"), out = box.querySelector(".review-curve__result");
  const area = form.elements.table, percent = (x) => (100 * x).toFixed(100 * x < 9.95 ? 1 : 0);
  const raised = (power) => String(power).replace(/[-\d]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
  function short(x) {
    if (!(x >= 1e6 || x < 1e-3) || x === 0) return Number(x.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 6 });
    const [first, power] = x.toExponential(2).split("e");
    return `${Number(first) === 1 ? "" : `${Number(first)}\u00a0×\u00a0`}10${raised(Number(power))}`;
  }
  const says = (kind, name) => known.accounts[kind].find((a) => a.name === name).says;

  function verdictOf(curve, found) {
    const luck = `a jump, a kink or the luck of the run has ${percent(found.abrupt)} percent of the weight`;
    const spread = found.range[1] - found.range[0] > 0.01 ? ` (${percent(found.range[0])} to ${percent(found.range[1])} over the numbers of items tried)` : "";
    const where = Object.entries(found.weights).sort((a, b) => b[1] - a[1])[0][0] === "kink" ? "" : `, most likely between ${short(found.between[0])} and ${short(found.between[1])}`;
    const said = {
      abrupt: `Shown to be abrupt: ${luck}${spread}${where}.`,
      "not abrupt": `Shown not to be abrupt: ${luck}${spread}.`,
      undecided: `The data cannot tell: ${luck}${spread}. The reason: ${found.reason}.`,
    }[found.verdict];
    const alike = found.alike.map((name) => `${name} (${says(curve.kind, name)})`).join("; ");
    return `${said} ${found.alike.length > 1 ? `These cannot be told apart: ${alike}.` : `The one account that stands out: ${alike}.`}`;
  }

  function measureOf(m, n) {
    const at = m.scales.map(short).join(" and ");
    const what = {
      seeds: `${m.amount} seeds at each scale`,
      items: `${m.amount} times the test items${n ? ` (${Math.round(m.amount * n).toLocaleString("en")} of them)` : ""}`,
      metric: "score the same answers by a continuous metric (the likelihood of the right answer, or the share of parts that are right)",
      count: "find out how many test items stand behind each score",
      between: `${m.amount === 1 ? "one more scale" : `${m.amount} more scales`} near ${at}`,
      beyond: `a scale beyond, at ${at}`,
    }[m.kind];
    const brings = Number.isFinite(m.nats) ? `${m.nats.toFixed(1)} nats, ${m.enough ? "enough" : "not enough"}` : { seeds: "luck splits runs of one size into two levels, and a jump does not", metric: "a jump in ability shows there too, one that the metric makes does not", count: "the verdict is the same under some numbers and not under others" }[m.kind];
    return `${what}: ${brings}; ${m.cost === 0 ? "no further run" : `about ${short(Number(m.cost.toPrecision(2)))} times the training of the runs so far`}`;
  }

  function picture(curve, found, falling) {
    const [width, height, left, bottom, top] = [innerWidth <= 640 ? 344 : 640, 300, 52, 40, 10], svg = (tag, attributes, ...children) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      made.append(...children);
      return made;
    };
    const given = (y) => (falling ? 1 - y : y), scores = curve.scores.map(given);
    const lines = found.lines.map((l) => ({ ...l, points: l.points.map(([s, y]) => [s, given(y)]) }));
    const [low, high] = curve.kind === "share" ? [0, 1] : [0.95 * Math.min(...scores), 1.05 * Math.max(...scores)];
    const [first, last] = [Math.log10(curve.scales[0]), Math.log10(curve.scales.at(-1))];
    const x = (s) => left + ((Math.log10(s) - first) / (last - first)) * (width - left - 20) + 6;
    const y = (v) => height - bottom - ((v - low) / (high - low)) * (height - bottom - top);
    const parts = [];
    for (let i = 0; i <= 4; i += 1) {
      const v = low + ((high - low) * i) / 4;
      parts.push(svg("line", { x1: left, x2: width, y1: y(v), y2: y(v), class: "curve__grid" }), svg("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end", class: "curve__text" }, curve.kind === "share" ? `${Math.round(100 * v)}` : short(v)));
    }
    for (let e = Math.ceil(first); e <= last; e += Math.max(1, Math.ceil((last - first) / 6)))
      parts.push(svg("text", { x: x(10 ** e), y: height - bottom + 18, "text-anchor": "middle", class: "curve__text" }, `10${raised(e)}`));
    parts.push(svg("text", { x: (left + width) / 2, y: height - 4, "text-anchor": "middle", class: "curve__text" }, curve.over === "training" ? "step" : "scale"));
    lines.forEach((l, k) => parts.push(svg("polyline", { points: l.points.map(([s, v]) => `${x(s).toFixed(1)},${y(Math.min(Math.max(v, low), high)).toFixed(1)}`).join(" "), class: `curve__line curve__line--${k}` })));
    curve.scales.forEach((s, i) => parts.push(svg("circle", { cx: x(s), cy: y(scores[i]), r: 4, class: "curve__point" })));
    const words = `Scores over scale, with what the heaviest accounts expect: ${lines.map((l) => l.account).join(", ") || "none"}.`;
    const legend = element("p", { class: "curve__legend" }, ...lines.map((l, k) => element("span", { class: `curve__key curve__key--${k}` }, l.account)));
    return element("figure", { tabindex: "0" }, svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words }, ...parts), legend);
  }

  function show({ curve, notes, falling }) {
    const found = attribute(curve, known.accounts), view = lookOf(curve), shown = [];
    const weighed = Object.keys(found.weights).length > 0;
    shown.push(element("p", { class: "review-curve__verdict" }, weighed ? verdictOf(curve, found) : `No account is weighed: ${found.reason}.`), picture(curve, found, falling));
    if (notes.length) shown.push(element("p", {}, "Taken for granted:"), element("ul", {}, ...notes.map((n) => element("li", {}, n))));
    if (weighed) {
      const rows = Object.entries(found.weights).filter(([, w]) => w >= 0.0005).sort((a, b) => b[1] - a[1]);
      shown.push(tableOf("Weight of each account, in percent", ["Account", "What it says", "Weight"], rows.map(([name, w]) => [name, says(curve.kind, name), percent(w)])));
      const plan = planOf(curve, found), best = plan.measures.find((m) => m.enough), counts = curve.items && [...curve.items].sort((a, b) => a - b), n = counts && counts[counts.length >> 1];
      if (plan.between.length) {
        const stands = found.verdict === "undecided" ? "" : " Whichever is right, the verdict above stands.";
        const cheapest = best ? ` Cheapest that is enough: ${measureOf(best, n).split(":")[0]}.` : " None of what was tried is enough by itself.";
        shown.push(element("p", {}, element("strong", {}, "What to measure. "), `To be told apart: ${plan.between.join(" and ")}. Needed: ${plan.needed.toFixed(1)} nats of evidence.${stands}${cheapest}`), element("ul", {}, ...plan.measures.map((m) => element("li", {}, measureOf(m, n)))));
      }
    }
    const record = known.record.filter((r) => r.view === view).map((r) => [r.distance, `${r.curves} (${r.clusters})`, percent(r.half), `${percent(r.ninety)} (${percent(r.ninety_low)} to ${percent(r.ninety_high)})`, percent(r.beyond)]);
    shown.push(element("p", {}, element("strong", {}, "What comes next. "), `The curve is ${view}. The forecast itself needs the command, review curve FILE; so fared forecasts of such curves in the tournament. If this curve was chosen because it seems to jump, expect less:`), tableOf(`Forecasts of curves that were ${view}, in percent`, ["How far ahead", "Curves (independent cases)", "Held by 50 percent", "Held by 90 percent", "Went further than thought possible"], record));
    out.replaceChildren(...shown);
  }

  function refuse(why) {
    wrong.textContent = why;
    out.replaceChildren();
  }

  function update() {
    const { kind, items, chance, over } = form.elements;
    try {
      const read = parse(area.value, { kind: kind.value, items: items.value.trim(), chance: chance.value.trim(), over: over.value });
      wrong.textContent = "";
      show(read);
    } catch (error) {
      refuse(error.message);
    }
  }

  const take = async (file) => {
    if (!file) return;
    const text = await file.text();
    if (NO_TEXT.test(text)) return void refuse(noText(file.name));
    area.value = text;
    update();
  };
  let waiting = 0;
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    clearTimeout(waiting);
    waiting = setTimeout(update, 150);
  });
  form.elements.file.addEventListener("change", (event) => take(event.target.files[0]));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const name of ["dragover", "drop"])
    box.addEventListener(name, (event) => {
      event.preventDefault();
      if (name === "drop") take(event.dataTransfer.files[0]);
    });
  update();
})();
