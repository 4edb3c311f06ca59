"""What MongoStore is made of: for each topic what others ask of it, each method one step on the database."""
