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
