namespace Oktsec.Scanning.Rules;

/// <summary>
/// <c>a and (b or c)</c> over pattern ids. There is no <c>not</c>: what stands in the content must never switch a rule off.
/// </summary>
internal sealed class RuleCondition
{
    // In reverse Polish order: an index, or one of the operators.
    private const int And = -1;
    private const int Or = -2;

    private readonly List<int> program = [];
    private readonly string[] words;
    private readonly IReadOnlyList<RulePattern> patterns;
    private int at;

    private RuleCondition(string text, IReadOnlyList<RulePattern> patterns)
    {
        this.patterns = patterns;
        words = text.Replace("(", " ( ").Replace(")", " ) ").Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <exception cref="FormatException">Not a condition over these patterns.</exception>
    public static RuleCondition Parse(string text, IReadOnlyList<RulePattern> patterns)
    {
        var condition = new RuleCondition(text, patterns);
        if (patterns.Count > 64)
            throw new FormatException("a condition over more than 64 patterns");
        condition.Any();
        return condition.at == condition.words.Length ? condition : throw new FormatException($"condition: unexpected '{condition.words[condition.at]}'");
    }

    /// <param name="found">Bit i is set when pattern i matched.</param>
    public bool Holds(ulong found)
    {
        Span<bool> stack = stackalloc bool[program.Count + 1];
        var top = 0;
        foreach (var step in program)
        {
            if (step >= 0)
            {
                stack[top++] = (found >> step & 1) != 0;
                continue;
            }
            top--;
            stack[top - 1] = step == And ? stack[top - 1] && stack[top] : stack[top - 1] || stack[top];
        }
        return stack[0];
    }

    private void Any()
    {
        All();
        while (Take("or"))
        {
            All();
            program.Add(Or);
        }
    }

    private void All()
    {
        One();
        while (Take("and"))
        {
            One();
            program.Add(And);
        }
    }

    private void One()
    {
        if (Take("("))
        {
            Any();
            if (!Take(")"))
                throw new FormatException("condition: '(' without ')'");
            return;
        }
        if (at >= words.Length)
            throw new FormatException("condition: ends too early");
        if (words[at] == "not")
            throw new FormatException("condition: there is no 'not', content must not switch a rule off; use a validator");
        for (var i = 0; i < patterns.Count; i++)
        {
            if (patterns[i].Id != words[at])
                continue;
            program.Add(i);
            at++;
            return;
        }
        throw new FormatException($"condition: no pattern has the id '{words[at]}'");
    }

    private bool Take(string word)
    {
        if (at >= words.Length || words[at] != word)
            return false;
        at++;
        return true;
    }
}
