namespace Oktsec.Scanning.Parsers;

/// <summary>What a parser says of a command, statement, path or URL; rules name them in lower case.</summary>
internal enum FactKey : byte
{
    // shell
    Cmd,
    Flag,
    Arg,
    PipeFrom,
    Write,
    Read,
    Assign,
    Wrapper,
    Opaque,
    Inside,

    /// <summary>The program that runs what this command prints.</summary>
    Feeds,

    /// <summary>Where a shell or interpreter has its program from: stdin or inline.</summary>
    Runs,

    /// <summary>In a value that is no command: the operator before the command.</summary>
    Operator,

    /// <summary>In a value that is no command: what the value is for.</summary>
    Field,

    // sql
    Verb,
    Object,
    Name,
    Where,
    Func,
    Word,
    Pair,
    After,
    Schema,

    // path
    Path,
    File,
    Climb,
    Up,
    Absolute,

    // url
    Scheme,
    Host,
    Ip,
    Port,
    UrlPath,
    UserInfo,
    Query,

    // several
    Trick,
}
