"""The top trigger's rate curve from output words, by numpy alone: what `triggerfish rates` is held against.

    python rates.py words.npy labels.npy

Nothing of Triggerfish is used. Words are int64, one row per event; an event fires where the word of its top score is at or above
the threshold. Intervals are Wilson's, as the two roots of (k/n - p)^2 = p (1 - p) / n.
"""

import sys

import numpy as np

TOP = 4
CROSSINGS = 40e6
FRACTION_BITS = 10


def wilson(passed, total):
    """The ends of the 68.3% interval of a share."""
    share = passed / total
    # p^2 (1 + 1/n) - p (2 share + 1/n) + share^2 = 0
    low, high = np.sort(np.roots([1 + 1 / total, -(2 * share + 1 / total), share * share]).real)
    return low, high


def curve(scores, is_signal):
    """By threshold, the highest first: (threshold, background events, signal events) at or above it."""
    rows = []
    for threshold in np.unique(scores)[::-1]:
        fires = scores >= threshold
        rows.append((int(threshold), int(np.sum(fires & ~is_signal)), int(np.sum(fires & is_signal))))
    return rows


def threshold_for_rate(scores, is_signal, rate):
    """The lowest occupied threshold that keeps the rate, with those above it; the one above all words, where nothing fires, always does."""
    best = int(scores.max()) + 1
    for threshold, background, _ in curve(scores, is_signal):
        if CROSSINGS * background / np.sum(~is_signal) > rate:
            break
        best = threshold
    return best


def threshold_for_efficiency(scores, is_signal, efficiency):
    """The highest threshold that reaches the efficiency."""
    for threshold, _, signal in curve(scores, is_signal):
        if signal / np.sum(is_signal) >= efficiency:
            return threshold
    return None


if __name__ == "__main__":
    words, labels = np.load(sys.argv[1])[:, TOP], np.load(sys.argv[2])
    top = labels == TOP
    total_signal, total_background = np.sum(top), np.sum(~top)
    print("threshold  value     rate, MHz            efficiency")
    rows = curve(words, top)
    for threshold, background, signal in rows[:: max(1, len(rows) // 12)]:
        low, high = wilson(background, total_background)
        below, above = wilson(signal, total_signal)
        print(f"{threshold:9d}  {threshold / 2**FRACTION_BITS:.4f}  {CROSSINGS * background / total_background / 1e6:8.4f} "
              f"({CROSSINGS * low / 1e6:.4f} … {CROSSINGS * high / 1e6:.4f})  {signal / total_signal:.4f} ({below:.4f} … {above:.4f})")
    for rate in (1e5, 1e6):
        print(f"at most {rate / 1e3:g} kHz: threshold {threshold_for_rate(words, top, rate)}")
    for efficiency in (0.5, 0.8):
        print(f"at least {efficiency:.0%}: threshold {threshold_for_efficiency(words, top, efficiency)}")
