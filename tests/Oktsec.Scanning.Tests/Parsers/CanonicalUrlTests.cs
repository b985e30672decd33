using Oktsec.Scanning.Parsers;

namespace Oktsec.Scanning.Tests.Parsers;

public sealed class CanonicalUrlTests
{
    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/", "ip:metadata scheme:http urlpath:/latest/*")]
    [InlineData("http://2852039166/", "ip:metadata trick:numeric-host host:169.254.169.254")]
    [InlineData("http://0xA9FEA9FE/", "ip:metadata")]
    [InlineData("http://0251.0376.0251.0376/", "ip:metadata")]
    [InlineData("http://169.254.43518/", "ip:metadata")]
    [InlineData("http://[::ffff:169.254.169.254]/", "ip:metadata")]
    [InlineData("http://[fd00:ec2::254]/", "ip:metadata")]
    [InlineData("http://[64:ff9b::a9fe:a9fe]/", "ip:metadata")]
    [InlineData("http://１６９.２５４.１６９.２５４/", "ip:metadata trick:unicode-host")]
    [InlineData("http://169。254。169。254/", "ip:metadata")]
    [InlineData("http://127.1/", "ip:loopback")]
    [InlineData("http://0/", "ip:unspecified")]
    [InlineData("http://localhost:8080/x", "ip:loopback port:8080")]
    [InlineData("http://a.localhost./", "ip:loopback trick:trailing-dot")]
    [InlineData("http://10.0.0.1.nip.io/", "ip:private trick:wildcard-dns")]
    [InlineData("http://app-127-0-0-1.sslip.io/", "ip:loopback")]
    [InlineData("http://good.example@evil.example/x", "host:evil.example userinfo:good.example")]
    [InlineData("gopher://10.1.2.3:6379/_x", "scheme:gopher ip:private port:6379")]
    [InlineData("file:///etc/passwd", "scheme:file")]
    [InlineData("javascript:alert(1)", "scheme:javascript")]
    [InlineData("//evil.example/x", "host:evil.example")]
    [InlineData("192.168.0.1", "ip:private")]
    [InlineData("see https://x.example/?q=1, ok", "host:x.example query:q=1*")]
    public void Url_IsRead(string url, string predicate) => Assert.True(Recorder.Holds(FactLanguage.Url, url, predicate));

    [Theory]
    [InlineData("https://example.com/169.254.169.254", "ip:metadata")]
    [InlineData("https://1.2.3.4.example.com/", "ip:*")]
    [InlineData("https://8.8.8.8/", "ip:private|loopback|metadata")]
    public void Url_ThatOnlyLooksSo_IsNot(string url, string predicate) => Assert.False(Recorder.Holds(FactLanguage.Url, url, predicate));
}
