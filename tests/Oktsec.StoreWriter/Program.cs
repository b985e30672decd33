using Oktsec.StoreWriter;

// Roles that the store's tests run as processes of their own.
return args switch
{
    ["write", var db] => await EndlessWriters.RunAsync(db),
    ["limit", var db] => await FileSizeLimit.RunAsync(db),
    ["measure", var db, .. var options] => await Measure.RunAsync(db, options),
    _ => 2,
};
