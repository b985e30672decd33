namespace Oktsec.Clients.Wrapping;

/// <summary>The difference of two texts as <c>diff -u</c> prints it.</summary>
internal static class UnifiedDiff
{
    private const int Context = 3; // lines around a change, as diff has them

    // A client's file changes by some lines for each server. Beyond this the middle is shown as replaced: right, only longer.
    private const int MaxEdits = 2000;

    private const string Nothing = "/dev/null";

    public static IEnumerable<string> Lines(string path, string before, string after)
    {
        var (a, b) = (Split(before), Split(after));
        var ops = Edits(a, b);
        // What is not there is shown as diff shows it: a reader, or patch, sees that the file is new or goes.
        yield return "--- " + (a.Length == 0 ? Nothing : path);
        yield return "+++ " + (b.Length == 0 ? Nothing : path);
        for (var i = 0; i < ops.Count;)
        {
            if (ops[i].Kind == ' ')
            {
                i++;
                continue;
            }
            // A hunk goes on until more than twice the context is unchanged.
            var (start, end) = (Math.Max(0, i - Context), i);
            for (var j = i; j < ops.Count && j - end <= 2 * Context; j++)
            {
                if (ops[j].Kind != ' ')
                    end = j + 1;
            }
            var stop = Math.Min(ops.Count, end + Context);
            yield return Heading(ops, start, stop);
            for (var j = start; j < stop; j++)
                yield return ops[j].Kind + (ops[j].Kind == '+' ? b[ops[j].B] : a[ops[j].A]);
            i = stop;
        }
    }

    private static string Heading(List<(char Kind, int A, int B)> ops, int start, int stop)
    {
        var (old, added) = (0, 0);
        for (var i = start; i < stop; i++)
            (old, added) = (old + (ops[i].Kind == '+' ? 0 : 1), added + (ops[i].Kind == '-' ? 0 : 1));
        return $"@@ -{(old == 0 ? ops[start].A : ops[start].A + 1)},{old} +{(added == 0 ? ops[start].B : ops[start].B + 1)},{added} @@";
    }

    private static List<(char Kind, int A, int B)> Edits(string[] a, string[] b)
    {
        var (head, tail) = (0, 0);
        while (head < a.Length && head < b.Length && a[head] == b[head])
            head++;
        while (tail < a.Length - head && tail < b.Length - head && a[^(tail + 1)] == b[^(tail + 1)])
            tail++;
        var ops = new List<(char, int, int)>();
        for (var i = 0; i < head; i++)
            ops.Add((' ', i, i));
        Middle(a, b, head, a.Length - tail, b.Length - tail, ops);
        for (var i = 0; i < tail; i++)
            ops.Add((' ', a.Length - tail + i, b.Length - tail + i));
        return ops;
    }

    // Myers, "An O(ND) Difference Algorithm" (1986): the furthest place on each diagonal for 0, 1, 2 ... edits, then back along them.
    private static void Middle(string[] a, string[] b, int start, int endA, int endB, List<(char, int, int)> ops)
    {
        var (n, m) = (endA - start, endB - start);
        var max = Math.Min(n + m, MaxEdits);
        var furthest = new int[2 * max + 3];
        var trace = new List<int[]>();
        for (var d = 0; d <= max; d++)
        {
            trace.Add(furthest[(max - d + 1)..(max + d + 2)]);
            for (var k = -d; k <= d; k += 2)
            {
                var x = k == -d || (k != d && furthest[max + k] < furthest[max + k + 2]) ? furthest[max + k + 2] : furthest[max + k] + 1;
                while (x < n && x - k < m && a[start + x] == b[start + x - k])
                    x++;
                furthest[max + k + 1] = x;
                if (x >= n && x - k >= m)
                {
                    ops.AddRange(Back(trace, n, m, start));
                    return;
                }
            }
        }
        for (var i = 0; i < n; i++)
            ops.Add(('-', start + i, start));
        for (var i = 0; i < m; i++)
            ops.Add(('+', endA, start + i));
    }

    private static List<(char, int, int)> Back(List<int[]> trace, int x, int y, int start)
    {
        var ops = new List<(char, int, int)>();
        for (var d = trace.Count - 1; d > 0; d--)
        {
            // trace[d] holds the diagonals -d..d as they were after d-1 edits.
            int At(int k) => trace[d][k + d];
            var diagonal = x - y;
            var isDown = diagonal == -d || (diagonal != d && At(diagonal - 1) < At(diagonal + 1));
            var from = isDown ? diagonal + 1 : diagonal - 1;
            var (fromX, fromY) = (At(from), At(from) - from);
            while (x > fromX + (isDown ? 0 : 1) && y > fromY + (isDown ? 1 : 0))
                ops.Add((' ', start + --x, start + --y));
            ops.Add(isDown ? ('+', start + x, start + --y) : ('-', start + --x, start + y));
        }
        while (x > 0 && y > 0)
            ops.Add((' ', start + --x, start + --y));
        ops.Reverse();
        return ops;
    }

    private static string[] Split(string text)
    {
        var lines = text.Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}
