using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Oktsec.Mcp.Http;

namespace Oktsec.Mcp.Tests.Http;

/// <summary>The rules by themselves; the same over the wire stands in the tests of the executable.</summary>
public sealed class HeaderRulesTests
{
    [Fact]
    public void Rules_AnyHeaderText_AnswerAndThrowNothing() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2_000),
        Prop.ForAll(Texts.ToArbitrary(), Texts.ToArbitrary(), Texts.ToArbitrary(), (accept, type, version) =>
        {
            var headers = new HeaderDictionary { ["Accept"] = accept, ["Content-Type"] = type, [HeaderRules.Version] = version };
            return (HeaderRules.Post(headers)?.Status ?? 400) is 400 or 406 or 415
                && (HeaderRules.Get(headers)?.Status ?? 400) is 400 or 406
                && (HeaderRules.Delete(headers)?.Status ?? 400) is 400
                && (!HeaderRules.PrefersEvents(accept) || HeaderRules.Get(headers)?.Status != 406);
        }));

    [Theory]
    [InlineData("application/json, text/event-stream", null)]
    [InlineData("application/json,text/event-stream;q=0.9", null)]
    [InlineData("*/*", null)]
    [InlineData("text/*, application/*", null)]
    [InlineData("application/json", 406)]
    [InlineData("application/jsonx, text/event-stream", 406)]
    [InlineData("xapplication/json, text/event-stream", 406)]
    [InlineData("application/json text/event-stream", 406)]
    [InlineData("application/json;q=0.001, text/event-stream", null)]
    [InlineData("application/json;Q=0, text/event-stream", 406)]
    [InlineData("application/json; charset=utf-8; q=0.000, text/event-stream", 406)]
    [InlineData("application/json, text/event-stream;q=0, */*", 406)]
    [InlineData("*/*, application/*;q=0", 406)]
    [InlineData("*/*;q=0, application/json, text/event-stream", null)]
    [InlineData("*/*;q=0", 406)]
    [InlineData("application/json, application/json;q=0, text/event-stream", 406)]
    [InlineData("/*, */", 406)]
    [InlineData("", 406)]
    public void Post_Accept_MustNameBothForms(string accept, int? status) =>
        Assert.Equal(status, HeaderRules.Post(new HeaderDictionary { ["Accept"] = accept, ["Content-Type"] = "application/json" })?.Status);

    [Theory]
    [InlineData("application/json, text/event-stream", false)]
    [InlineData("text/event-stream, application/json", true)]
    [InlineData("application/json;q=0", false)]
    [InlineData("Text/Event-Stream,application/json", true)]
    [InlineData("application/json;q=0.5, text/event-stream", true)]
    [InlineData("text/event-stream;q=0.9, application/json", false)]
    [InlineData("text/event-stream;q=0.9, application/json;q=0.9", true)]
    [InlineData("*/*", false)]
    [InlineData("text/*, application/json", true)]
    [InlineData("text/event-stream;q=0, */*", false)]
    public void PrefersEvents_IsWhatTheClientGivesMoreWeightOrNamesFirst(string accept, bool expected) =>
        Assert.Equal(expected, HeaderRules.PrefersEvents(accept));

    [Fact]
    public void PrefersEvents_OfTwoLines_TheFirstIsFirst() =>
        Assert.True(HeaderRules.PrefersEvents(new StringValues(["text/event-stream", "application/json"])));

    private static Gen<string> Texts =>
        Gen.Elements("application/json", "text/event-stream", "*", "/", ",", ";", "q=0", "charset=", "utf-8", "\"", " ", "2025-11-25", "é", "\\", "=").ListOf().Select(string.Concat);
}
