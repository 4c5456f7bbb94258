module bank.example/samples

go 1.24
