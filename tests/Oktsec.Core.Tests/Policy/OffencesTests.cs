using Oktsec.Core.Identity;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Tests.Policy;

public sealed class OffencesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Offences _offences;

    public OffencesTests() => _offences = new Offences(_time);

    [Fact]
    public void Count_Nobody_IsZero() => Assert.Equal(0, Count("bob"));

    [Fact]
    public void Count_SlidesOverTheHour()
    {
        Add("bob");
        _time.Advance(TimeSpan.FromMinutes(40));
        Add("bob");
        Assert.Equal(2, Count("bob"));
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(1, Count("bob"));
        _time.Advance(TimeSpan.FromMinutes(40));
        Assert.Equal(0, Count("bob"));
    }

    [Fact]
    public void Count_More_StopsAtWhatDecides()
    {
        for (var i = 0; i < 100; i++)
            Add("bob");

        Assert.Equal(Offences.RaisesQuarantine, Count("bob"));
    }

    // Of many only the latest are kept: those must be the ones that stay longest.
    [Fact]
    public void Count_AfterMany_TheLatestCount()
    {
        for (var i = 0; i < 20; i++)
        {
            Add("bob");
            _time.Advance(TimeSpan.FromMinutes(1));
        }
        _time.Advance(TimeSpan.FromMinutes(54)); // the last five are 55 to 59 minutes old

        Assert.Equal(5, Count("bob"));
    }

    [Fact]
    public void Count_WallClockJumps_ChangesNothing()
    {
        Add("bob");
        _time.JumpWallClock(TimeSpan.FromDays(1));

        Assert.Equal(1, Count("bob"));
    }

    [Fact]
    public void Add_Anonymous_IsNotKept()
    {
        _offences.Add(Principal.Anonymous, _time.GetTimestamp());
        _offences.Add(new Principal("anonymous", AuthMethod.Header), _time.GetTimestamp());

        Assert.Equal((0, 0), (Count("anonymous"), _offences.Offenders));
    }

    // Names that are only said can be invented without end.
    [Fact]
    public void Add_InventedNames_StayBoundedAndForgetTheLongestQuiet()
    {
        Add("quiet");
        _time.Advance(TimeSpan.FromSeconds(1));
        Add("bob");
        for (var i = 0; i < Offences.MaxOffenders + 100; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Add($"eve-{i}");
            if (i % 1000 == 0)
                Add("bob");
        }

        Assert.Equal(Offences.MaxOffenders, _offences.Offenders);
        Assert.Equal((0, Offences.RaisesQuarantine), (Count("quiet"), Count("bob")));
    }

    private void Add(string agent) => _offences.Add(Make.Said(agent), _time.GetTimestamp());

    private int Count(string agent) => _offences.Count(Make.Said(agent), _time.GetTimestamp());
}
