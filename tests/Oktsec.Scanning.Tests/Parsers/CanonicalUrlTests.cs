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
    [InlineData("https://a.example/go?u=http://10.0.0.1/x", "ip:private trick:nested scheme:http")]
    [InlineData("http:///127.0.0.1/x", "ip:loopback trick:slashes")]
    [InlineData("https://a.example\\@b.example/", "host:a.example trick:backslash")]
    [InlineData("https://u@a.example@b.example/", "host:b.example trick:many-at")]
    [InlineData("http://127.0.0.1@b.example/", "host:b.example trick:address-user")]
    [InlineData("https://a.example#@b.example/", "host:a.example trick:late-at")]
    [InlineData("http://[::ffff:10.0.0.1]/", "ip:private trick:embedded-ipv4")]
    [InlineData("https://4a6f686e20446f65206a6f686e406578616d.evil.example/", "trick:blob-host")]
    [InlineData("https://c2VjcmV0IGtleSBpcyBh.MTIzNDU2Nzg5MGFiY2Rl.evil.example/", "trick:blob-host")]
    [InlineData("https://evil.example/p.png?d=c2VjcmV0IGtleSBpcyAxMjM0NTY3ODkwIGFuZCBtb3Jl", "trick:blob-query")]
    public void Url_IsRead(string url, string predicate) => Assert.True(Recorder.Holds(FactLanguage.Url, url, predicate));

    [Theory]
    [InlineData("https://example.com/169.254.169.254", "ip:metadata")]
    [InlineData("https://1.2.3.4.example.com/", "ip:*")]
    [InlineData("https://8.8.8.8/", "ip:private|loopback|metadata")]
    [InlineData("http://[2001:db8::1]/", "trick:embedded-ipv4")]
    [InlineData("https://d111111abcdef8.cloudfront.example.net/", "trick:blob-host")]
    [InlineData("https://very-long-descriptive-name-of-a-service-2024.example.net/", "trick:blob-host")]
    [InlineData("https://example.com/?page=2&sort=created_at&filter=open", "trick:blob-query")]
    [InlineData("https://ann:secret@example.com/", "trick:*")]
    public void Url_ThatOnlyLooksSo_IsNot(string url, string predicate) => Assert.False(Recorder.Holds(FactLanguage.Url, url, predicate));
}
