using Oktsec.StoreWriter;

// Roles that the store's tests run as processes of their own.
return args switch
{
    ["measure", var db, .. var rest] => await Measure.RunAsync(db, rest),
    _ => 2,
};
