using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Core.Tests.Pipeline;

/// <summary>Breaks each check of the real lists in turn. What must not happen is that the message passes.</summary>
public sealed class FailClosedTests
{
    private static readonly ContentScanner s_scanner = new(RuleSet.BuiltIn());

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<string, int, string> EveryCheck()
    {
        var data = new TheoryData<string, int, string>();
        foreach (var list in s_places.Keys)
        {
            var checks = Checks(list, new PipelineState(TimeProvider.System));
            for (var i = 0; i < checks.Length; i++)
                data.Add(list, i, checks[i].Name);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(EveryCheck))]
    public void Evaluate_CheckThrows_IsDenied(string list, int at, string name) =>
        AssertFailsClosed(list, at, name, (_, _) => throw new InvalidOperationException("broken"));

    [Theory]
    [MemberData(nameof(EveryCheck))]
    public void Evaluate_CheckTakesTooLong_IsDenied(string list, int at, string name) =>
        AssertFailsClosed(list, at, name, (check, call) =>
        {
            _time.Advance(SecurityPipeline.CheckTimeout + TimeSpan.FromTicks(1));
            return check.Evaluate(call);
        });

    [Theory]
    [InlineData("Request")]
    [InlineData("Response")]
    [InlineData("Definition")]
    public void Evaluate_ScanRunsOutOfBudget_IsDenied(string list)
    {
        // Percent-encoded six times over: more to decode than the scanner does for a message of this size.
        var flood = $$"""{"text":"{{string.Concat(Enumerable.Repeat("%2525252525252525252541", 20_000))}}"}""";
        Assert.True(s_scanner.ScanJson(System.Text.Encoding.UTF8.GetBytes(flood), Place.Arguments, ScanHints.None).IsBudgetExhausted);

        using var closed = Evaluate(Checks(list, new(_time)), Call(list, Policies(), flood));
        Assert.Equal((DenyReason.CheckFailed, false), (closed.Reason, closed.IsAllowed));
        Assert.Contains("scan_budget_exceeded", closed.Detail, StringComparison.Ordinal);

        using var open = Evaluate(Checks(list, new(_time)), Call(list, Policies(failsOpen: true), flood));
        Assert.NotEqual(DenyReason.CheckFailed, open.Reason);
    }

    // fail_mode: open lets a broken check pass, not a message that the others deny.
    [Fact]
    public void Evaluate_FailOpenWithBrokenCheck_TheOthersStillDeny()
    {
        var checks = Checks("Request", new(_time));
        checks[0] = new Check("message", _ => throw new InvalidOperationException());
        using var decision = Evaluate(checks, Call("Request", Policies(failsOpen: true), """{"x":1}""", Make.Tool("files", "hidden")));

        Assert.Equal(DenyReason.ToolNotAllowed, decision.Reason);
    }

    private void AssertFailsClosed(string list, int at, string name, Func<ICheck, CallContext, CheckResult> broken)
    {
        Decision Run(bool failsOpen, bool isObserving, PipelineState state)
        {
            var checks = Checks(list, state);
            var real = checks[at];
            checks[at] = new Check(real.Name, call => broken(real, call));
            return Evaluate(checks, Call(list, Policies(failsOpen, isObserving), """{"text":"good morning"}"""));
        }

        var state = new PipelineState(_time);
        using var closed = Run(failsOpen: false, isObserving: false, state);
        Assert.Equal((DenyReason.CheckFailed, name, false, "check_failed"), (closed.Reason, closed.Check, closed.IsAllowed, closed.Word));
        Assert.Equal(MostCalls, FreePlaces(state));

        using var observed = Run(failsOpen: false, isObserving: true, new(_time));
        Assert.Equal((DenyReason.CheckFailed, true, "would_block:check_failed"), (observed.Reason, observed.IsAllowed, observed.Word));

        using var open = Run(failsOpen: true, isObserving: false, new(_time));
        Assert.Equal((DenyReason.None, true), (open.Reason, open.IsAllowed));
    }

    private const int MostCalls = 2;

    private static readonly Dictionary<string, Place> s_places = new() { ["Request"] = Place.Arguments, ["Response"] = Place.Result, ["Definition"] = Place.Definition };

    private static ICheck[] Checks(string list, PipelineState state) => list switch
    {
        "Request" => PipelineOrder.Request(state),
        "Response" => PipelineOrder.Response(state),
        _ => PipelineOrder.Definition(state),
    };

    private Decision Evaluate(ICheck[] checks, CallContext call) => new SecurityPipeline(checks, _time).Evaluate(call);

    private CallContext Call(string list, PolicySnapshot policies, string content, Target? target = null) =>
        Make.Call(
            policies, content: content, place: s_places[list], isRequest: list == "Request", target: target,
            timestamp: _time.GetTimestamp());

    private static PolicySnapshot Policies(bool failsOpen = false, bool isObserving = false) =>
        Make.Policies(
            Make.Config(Make.Agent() with { MaxConcurrentCalls = MostCalls, AllowedTools = ["files/read"] }) with
            {
                FailClosed = !failsOpen,
                RateLimit = new() { PerAgent = 100 },
            },
            isObserving, s_scanner);

    private static int FreePlaces(PipelineState state)
    {
        var free = 0;
        while (state.Concurrency.TryEnter("bob", MostCalls) is not null)
            free++;
        return free;
    }
}
